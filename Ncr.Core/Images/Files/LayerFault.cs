namespace Ncr.Core.Images.Files;

/// <summary>Why the files of a layer are not, or not all, listed.</summary>
/// <param name="Layer">Its place in the manifest, from 0; -1 for the image as a whole.</param>
public sealed record LayerFault(int Layer, string Message);
