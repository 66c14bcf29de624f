namespace Ncr.Core.Blobs;

/// <summary>An upload session as its client sees it.</summary>
/// <param name="Id">Part of the upload's address.</param>
/// <param name="Offset">Bytes stored so far.</param>
public sealed record UploadStatus(string Id, long Offset);
