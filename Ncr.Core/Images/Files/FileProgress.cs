namespace Ncr.Core.Images.Files;

/// <summary>How far the reading of layers is.</summary>
/// <param name="Layer">From 1.</param>
/// <param name="Read">Bytes of this layer as it is stored.</param>
/// <param name="Size">Bytes of this layer.</param>
/// <param name="Entries">Files found in it so far.</param>
/// <param name="IsWaiting">Whether it waits for others to end.</param>
public sealed record FileProgress(int Layer, int LayerCount, long Read, long Size, int Entries, bool IsWaiting = false);
