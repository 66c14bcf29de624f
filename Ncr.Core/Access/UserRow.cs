namespace Ncr.Core.Access;

/// <summary>A user or a service account in a list.</summary>
/// <param name="Role">Everywhere; roles in single registries come on top.</param>
/// <param name="HasPassword">Whether somebody can sign in with it: not before the one-time link was used.</param>
/// <param name="IsExternal">Whether it signs in at the OpenID Connect provider.</param>
/// <param name="RegistryCount">In how many registries a role was given besides.</param>
public sealed record UserRow(long Id, string Name, Role Role, bool IsService, bool IsDisabled, bool HasPassword, bool IsExternal, DateTime CreatedAt, DateTime? LastSignInAt, int KeyCount, int RegistryCount);
