namespace Ncr.Core.Access;

/// <summary>A use of an access key.</summary>
/// <param name="Address">Where from; null within the program.</param>
internal sealed record KeyUse(DateTime At, string? Address);
