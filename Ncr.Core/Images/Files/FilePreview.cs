namespace Ncr.Core.Images.Files;

/// <summary>A look into a file.</summary>
/// <param name="Text">Its text, or the start of it; null when it is no text in UTF-8.</param>
/// <param name="Size">Bytes of all of it.</param>
/// <param name="IsCut">Whether there is more than is shown.</param>
public sealed record FilePreview(string? Text, long Size, bool IsCut);
