using Ncr.Core.Errors;

namespace Ncr.Core.Access;

/// <summary>The one place that decides who may do what. Asked at every command, it looks the rights up as they are now (rule C5).</summary>
public sealed class AccessService
{
    private readonly IdentityCache _identities;

    internal AccessService(IdentityCache identities) => _identities = identities;

    /// <param name="actor">Who asks.</param>
    /// <param name="permission">For what.</param>
    /// <param name="registry">In which registry; null for what belongs to none.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async ValueTask<bool> IsAllowedAsync(Actor actor, Permission permission, string? registry, CancellationToken cancellationToken)
    {
        if (actor.IsSystem)
        {
            return true;
        }

        if (actor.UserId is not { } userId || await _identities.FindUserAsync(userId, cancellationToken) is not { IsDisabled: false } user)
        {
            return false;
        }

        // Administrator is the only role so far and has everything, everywhere; roles by registry are decided here.
        return user.Role == Role.Administrator;
    }

    /// <exception cref="NcrException"><see cref="NcrError.Unauthenticated"/> or <see cref="NcrError.Denied"/>.</exception>
    public async ValueTask RequireAsync(Actor actor, Permission permission, string? registry, CancellationToken cancellationToken)
    {
        if (await IsAllowedAsync(actor, permission, registry, cancellationToken))
        {
            return;
        }

        throw actor.UserId is null
            ? new NcrException(NcrError.Unauthenticated, "Sign in first: docker login with a User Access Key and its Secret Key.")
            : new NcrException(NcrError.Denied, $"'{actor.Name}' lacks the permission {permission}{(registry is null ? "" : $" in the registry '{registry}'")}. Ask an administrator.");
    }
}
