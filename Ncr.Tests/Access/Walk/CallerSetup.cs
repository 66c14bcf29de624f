using Ncr.Core.Access;
using Ncr.Core.Sessions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access.Walk;

/// <summary>A server with all the callers, each with a session and an access key; those who may not any more got theirs while they might.</summary>
public sealed class CallerSetup : IAsyncLifetime
{
    public const string MetricsToken = "a-token-of-the-metrics";
    private const string Password = "a password of a caller";

    private OidcProvider _provider = null!;

    public AccessSetup Access { get; private set; } = null!;

    public IReadOnlyList<Caller> Callers { get; private set; } = [];

    public NcrServer Server => Access.Server;

    public async Task InitializeAsync()
    {
        _provider = await OidcProvider.StartAsync();

        // With everything on that adds routes.
        Access = new AccessSetup(settings =>
        {
            settings["Ncr:Metrics:Token"] = MetricsToken;
            settings["Ncr:Oidc:Authority"] = _provider.Issuer;
            settings["Ncr:Oidc:ClientId"] = OidcProvider.ClientId;
            settings["Ncr:Oidc:ClientSecret"] = OidcProvider.Secret;
        });
        await Access.InitializeAsync();
        var callers = new List<Caller>();
        foreach (var caller in Caller.All)
        {
            callers.Add(await MakeAsync(caller));
        }

        Callers = callers;
    }

    public async Task DisposeAsync()
    {
        foreach (var caller in Callers)
        {
            caller.Dispose();
        }

        await Access.DisposeAsync();
        await _provider.DisposeAsync();
    }

    /// <summary>A registry where those have their roles who shall, with an image in it.</summary>
    public async Task<CoreTarget> NewTargetAsync()
    {
        var registry = await Access.NewRegistryAsync();
        foreach (var caller in Callers.Where(c => c.Here != Role.None))
        {
            await Access.Members.SetAsync(Access.Admin, registry, caller.Actor.Name, caller.Here, default);
        }

        return await CoreTarget.CreateAsync(Access, registry);
    }

    private async Task<Caller> MakeAsync(Caller caller)
    {
        if (caller.Name == "nobody")
        {
            return caller with { Session = new ConsoleClient(Server), Client = Server.CreateClient(authenticated: false) };
        }

        var name = AccessSetup.NewName();
        var link = await Access.Administration.CreateAsync(Access.Admin, name, caller.IsUser ? caller.Everywhere : Role.ProjectAdmin, default);
        var user = await Access.Users.ChooseByLinkAsync(name, link.Code, Password, Visitor.Unknown, default);
        var actor = new Actor(user.Id, name);
        if (caller.Elsewhere != Role.None)
        {
            await Access.Members.SetAsync(Access.Admin, "other", name, caller.Elsewhere, default);
        }

        var session = new ConsoleClient(Server);
        await session.SignInAsync(name, Password);
        var key = await Access.Keys.CreateAsync(actor, AccessKeySettings.None, default);
        var client = TestUser.Create(Server, actor, key).Basic;
        if (!caller.IsUser)
        {
            await (caller.Name.Contains("disabled", StringComparison.Ordinal)
                ? Access.Administration.SetDisabledAsync(Access.Admin, user.Id, true, default)
                : Access.Administration.DeleteAsync(Access.Admin, user.Id, default));
        }

        return caller with { Actor = actor, Session = session, Client = client };
    }
}
