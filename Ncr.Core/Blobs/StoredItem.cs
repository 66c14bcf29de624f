namespace Ncr.Core.Blobs;

/// <summary>Something that the storage lists.</summary>
/// <param name="Name">An upload's id, or a content's location.</param>
/// <param name="Length">Bytes.</param>
/// <param name="WrittenAt">When it was last written to, UTC.</param>
public sealed record StoredItem(string Name, long Length, DateTime WrittenAt);
