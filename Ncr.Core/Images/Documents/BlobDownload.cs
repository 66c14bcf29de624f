using Ncr.Core.Blobs;

namespace Ncr.Core.Images.Documents;

/// <summary>A blob to be sent as a file.</summary>
/// <param name="Title">The file's name as its artifact has it: fit for no path; null when it has none.</param>
public sealed record BlobDownload(string? Title, Digest Digest, IBlobContent Content) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
