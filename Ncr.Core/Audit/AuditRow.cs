namespace Ncr.Core.Audit;

/// <summary>Something that was done.</summary>
/// <param name="Type">One of <see cref="Events.EventTypes"/>.</param>
/// <param name="Actor">Who did it, by the name they had; empty for nobody known.</param>
/// <param name="Image">The image's full name.</param>
/// <param name="Details">What else there is to say: what was changed from what to what, the name of a key.</param>
public sealed record AuditRow(long Id, string Type, DateTime At, string Actor, string? Address, string? Registry, string? Image, string? Tag, string? Digest, string? Details)
{
    /// <summary>Whether there is a registry of that name now.</summary>
    public bool IsRegistryThere { get; init; }

    /// <summary>Whether there is such an image now.</summary>
    public bool IsImageThere { get; init; }

    /// <summary>Whether that image has the artifact now.</summary>
    public bool IsArtifactThere { get; init; }
}
