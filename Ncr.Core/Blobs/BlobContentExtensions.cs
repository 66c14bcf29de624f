namespace Ncr.Core.Blobs;

internal static class BlobContentExtensions
{
    /// <summary>The whole content; only for what is known to be small.</summary>
    public static async Task<byte[]> ReadAllAsync(this IBlobContent content, CancellationToken cancellationToken)
    {
        var bytes = new byte[content.Length];
        var offset = 0;
        while (offset < bytes.Length)
        {
            var read = await content.ReadAsync(bytes.AsMemory(offset), offset, cancellationToken);
            if (read == 0)
            {
                throw new EndOfStreamException("The content is shorter than its length.");
            }

            offset += read;
        }

        return bytes;
    }
}
