namespace Ncr.Core.Images.Files;

/// <summary>A file that can be sent.</summary>
/// <param name="Name">As the layer calls it: fit for no path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="SendAsync">Hands its content out piece by piece. It may fail in the middle.</param>
public sealed record FileDownload(string Name, long Size, Func<Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>, CancellationToken, Task> SendAsync);
