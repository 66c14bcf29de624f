using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Sessions;

namespace Ncr.Core.Access.External;

/// <summary>Signs in whom an OpenID Connect provider vouches for: finds or makes the account, and sets the roles that its groups give.</summary>
public sealed partial class ExternalSignInService
{
    private readonly WriteGate _writes;
    private readonly SessionService _sessions;
    private readonly SignInLog _signIns;
    private readonly IdentityCache _identities;
    private readonly EventLog _events;
    private readonly OidcOptions _options;
    private readonly GroupRoles _roles;
    private readonly TimeProvider _clock;
    private readonly ILogger<ExternalSignInService> _logger;

    internal ExternalSignInService(
        WriteGate writes, SessionService sessions, SignInLog signIns, IdentityCache identities, EventLog events, NcrOptions options, TimeProvider clock, ILogger<ExternalSignInService> logger)
    {
        _writes = writes;
        _sessions = sessions;
        _signIns = signIns;
        _identities = identities;
        _events = events;
        _options = options.Oidc;
        _roles = GroupRoles.Read(options.Oidc.Roles, []);
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Signs somebody in.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: they may not sign in. <see cref="NcrError.Conflict"/>: their name is another's here. <see cref="NcrError.Invalid"/>: they have
    /// no name that would do.</exception>
    public async Task<SignedInUser> SignInAsync(ExternalIdentity identity, Visitor visitor, CancellationToken cancellationToken)
    {
        Outcome outcome;
        try
        {
            outcome = await _writes.RunAsync((db, token) => AdmitAsync(db, identity, visitor, token), cancellationToken);
        }
        catch (NcrException exception) when (exception.Error is NcrError.Denied or NcrError.Conflict or NcrError.Invalid)
        {
            await RefusedAsync(identity, visitor, exception, cancellationToken);
            throw;
        }

        if (outcome.HasChanged)
        {
            _identities.Drop();
            _events.Announce(new Change(outcome.IsNew ? EventTypes.UserCreated : EventTypes.UserChanged, null, null, outcome.UserId));
        }

        if (outcome.Refusal is { } refusal)
        {
            _sessions.Ended(outcome.UserId);
            await RefusedAsync(identity, visitor, refusal, cancellationToken);
            throw refusal;
        }

        return await _sessions.BeginAsync(outcome.UserId, outcome.Name, visitor, SessionOrigin.OpenIdConnect, cancellationToken);
    }

    private async Task<Outcome> AdmitAsync(NcrDbContext db, ExternalIdentity identity, Visitor visitor, CancellationToken cancellationToken)
    {
        var given = _roles.Of(identity.Groups);
        var user = await db.Users.AsTracking().FirstOrDefaultAsync(u => u.ExternalId == identity.Id, cancellationToken);
        if (user is { IsDisabled: true })
        {
            throw new NcrException(NcrError.Denied, $"The account '{user.Name}' is disabled. Ask an administrator of this server.");
        }

        var isNew = user is null;
        if (user is null)
        {
            if (_options.SetsRoles && (given.Role ?? _options.DefaultRole) == Role.None && given.Registries.Count == 0)
            {
                throw NoGroup(); // And no account is made for nothing.
            }

            user = await CreateAsync(db, identity, given.Role ?? _options.DefaultRole, visitor, cancellationToken);
        }

        var hasChanged = isNew;
        if (_options.SetsRoles)
        {
            hasChanged |= await SetRolesAsync(db, user, given.Role ?? _options.DefaultRole, given.Registries, visitor, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            if (user.Role == Role.None && !await db.RegistryMembers.AnyAsync(m => m.UserId == user.Id, cancellationToken))
            {
                await SessionService.EndAllAsync(db, user.Id, null, cancellationToken);
                return new Outcome(user.Id, user.Name, isNew, hasChanged, NoGroup()); // What the groups took away has to stay taken.
            }
        }

        return new Outcome(user.Id, user.Name, isNew, hasChanged, null);
    }

    private async Task<User> CreateAsync(NcrDbContext db, ExternalIdentity identity, Role role, Visitor visitor, CancellationToken cancellationToken)
    {
        if (!_options.CreateUsers)
        {
            throw new NcrException(NcrError.Denied, "You have no account here, and this server makes none at the sign-in. Ask an administrator of this server.");
        }

        if (string.IsNullOrWhiteSpace(identity.Name))
        {
            throw new NcrException(NcrError.Invalid, $"The provider did not say what to call you: it sent no '{_options.NameClaim}'. An administrator of this server can choose another claim with Ncr:Oidc:NameClaim.");
        }

        if (UserService.ExplainName(identity.Name) is { } fault)
        {
            throw new NcrException(NcrError.Invalid, $"The provider calls you '{Shortened(identity.Name)}', which can't be a user name here. {fault} An administrator of this server can choose another claim with Ncr:Oidc:NameClaim.");
        }

        if (await db.Users.AnyAsync(u => u.Name == identity.Name, cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, $"There is another account '{identity.Name}' here already, which is not yours by the provider. Ask an administrator of this server: one of the two needs another name.");
        }

        if (role != Role.ProjectAdmin && !await db.Users.AnyAsync(cancellationToken))
        {
            throw new NcrException(NcrError.Denied, "This server is not set up yet. Its first user has to be a project admin.");
        }

        var user = new User { Name = identity.Name, ExternalId = identity.Id, Role = role, CreatedAt = _clock.GetUtcNow().UtcDateTime };
        db.Users.Add(user);
        await db.SaveChangesAsync(cancellationToken);
        _events.Add(db, new Actor(user.Id, user.Name, visitor.Address), EventTypes.UserCreated, details: $"{user.Name}: role {role}, by OpenID Connect");
        return user;
    }

    /// <summary>Sets what the groups give, and leaves what people gave.</summary>
    private async Task<bool> SetRolesAsync(NcrDbContext db, User user, Role role, IReadOnlyDictionary<string, Role> registries, Visitor visitor, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        var actor = new Actor(user.Id, user.Name, visitor.Address);
        if (user.Role != role)
        {
            if (user.Role == Role.ProjectAdmin && !await UserAdministration.HasAnotherAdminAsync(db, user.Id, _options, cancellationToken))
            {
                LogLastAdmin(_logger, user.Name, role);
            }
            else
            {
                _events.Add(db, actor, EventTypes.UserChanged, details: $"{user.Name}: role {user.Role} → {role}, by groups");
                (user.Role, hasChanged) = (role, true);
            }
        }

        var names = registries.Keys.ToList();
        var wanted = await db.Registries.Where(r => names.Contains(r.Name) && r.DeletionId == null).Select(r => new { r.Id, r.Name }).ToDictionaryAsync(r => r.Id, r => r.Name, cancellationToken);
        var members = await db.RegistryMembers.AsTracking().Include(m => m.Registry).Where(m => m.UserId == user.Id).ToListAsync(cancellationToken);
        foreach (var member in members.Where(m => m.IsFromGroup))
        {
            var next = wanted.TryGetValue(member.RegistryId, out var name) ? registries[name] : (Role?)null;
            if (next == member.Role)
            {
                continue;
            }

            hasChanged = true;
            _events.Add(db, actor, EventTypes.MemberChanged, member.Registry!.Name, details: $"{user.Name}: {member.Role} → {next?.ToString() ?? "no role"}, by groups");
            if (next is { } changed)
            {
                member.Role = changed;
            }
            else
            {
                db.RegistryMembers.Remove(member);
            }
        }

        foreach (var (id, name) in wanted.Where(w => members.TrueForAll(m => m.RegistryId != w.Key)))
        {
            if (await db.RegistryMembers.CountAsync(m => m.RegistryId == id, cancellationToken) >= MemberService.MaxMembers)
            {
                LogTooManyMembers(_logger, name, user.Name);
                continue;
            }

            hasChanged = true;
            db.RegistryMembers.Add(new RegistryMember { RegistryId = id, UserId = user.Id, Role = registries[name], IsFromGroup = true });
            _events.Add(db, actor, EventTypes.MemberChanged, name, details: $"{user.Name}: no role → {registries[name]}, by groups");
        }

        return hasChanged;
    }

    private async Task RefusedAsync(ExternalIdentity identity, Visitor visitor, NcrException refusal, CancellationToken cancellationToken)
    {
        var name = Shortened(identity.Name ?? identity.Subject);
        LogRefused(_logger, name, refusal.Message);
        await _signIns.RefusedAsync($"{name}, by OpenID Connect", visitor.Address, cancellationToken);
    }

    private static NcrException NoGroup() => new(NcrError.Denied, "You are in none of the groups that may sign in here. Ask an administrator of this server.");

    /// <summary>What others send may be long, and more than a line.</summary>
    private static string Shortened(string name) => string.Concat((name.Length > 80 ? name[..80] + "…" : name).Select(c => char.IsControl(c) ? ' ' : c));

    [LoggerMessage(LogLevel.Warning, "'{User}' is the last project admin who can sign in, and keeps that role although the groups at the provider say {Role}")]
    private static partial void LogLastAdmin(ILogger logger, string user, Role role);

    [LoggerMessage(LogLevel.Warning, "The registry {Registry} has as many members as it may; '{User}' did not get the role there that a group has")]
    private static partial void LogTooManyMembers(ILogger logger, string registry, string user);

    [LoggerMessage(LogLevel.Information, "'{User}' came from the OpenID Connect provider and was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string user, string reason);

    private sealed record Outcome(long UserId, string Name, bool IsNew, bool HasChanged, NcrException? Refusal);
}
