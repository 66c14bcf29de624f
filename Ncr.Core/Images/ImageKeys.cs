namespace Ncr.Core.Images;

/// <summary>What a push needs of an image's row.</summary>
/// <param name="Name">The full name.</param>
/// <param name="IsHidden">Nothing but blobs was pushed to it so far, so no list shows it.</param>
internal sealed record ImageKeys(long Id, long RegistryId, string Name, bool IsHidden);
