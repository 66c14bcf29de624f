using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Registries;
using Ncr.Core.Sessions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

/// <summary>A server whose time the tests move on, with users of every kind.</summary>
public sealed class AccessSetup : IAsyncLifetime
{
    private readonly Action<Dictionary<string, string?>>? _settings;
    private readonly List<TestUser> _made = [];
    private readonly Dictionary<Role, TestUser> _byRole = [];

    public AccessSetup()
    {
    }

    internal AccessSetup(Action<Dictionary<string, string?>> settings) => _settings = settings;

    public ShiftedClock Clock { get; } = new();

    public NcrServer Server { get; private set; } = null!;

    /// <summary>A client of the administrator.</summary>
    public HttpClient Http { get; private set; } = null!;

    public Actor Admin => Server.Administrator;

    public UserAdministration Administration => Get<UserAdministration>();

    public UserService Users => Get<UserService>();

    public SessionService Sessions => Get<SessionService>();

    public MemberService Members => Get<MemberService>();

    public AccessKeyService Keys => Get<AccessKeyService>();

    public RegistryService Registries => Get<RegistryService>();

    public async Task InitializeAsync()
    {
        Server = await NcrServer.StartAsync(_settings, Clock);
        Http = Server.CreateClient();
    }

    public async Task DisposeAsync()
    {
        foreach (var user in _made)
        {
            user.Dispose();
        }

        Http.Dispose();
        await Server.DisposeAsync();
    }

    public T Get<T>()
        where T : notnull => Server.Services.GetRequiredService<T>();

    public static string NewName(string start = "u") => $"{start}{Guid.NewGuid():n}";

    /// <summary>A user with a role everywhere and a key, that no other test knows.</summary>
    public async Task<TestUser> NewUserAsync(Role role, AccessKeySettings? settings = null)
    {
        var actor = await NewActorAsync(role);
        var user = TestUser.Create(Server, actor, await Keys.CreateAsync(actor, settings ?? AccessKeySettings.None, CancellationToken.None));
        _made.Add(user);
        return user;
    }

    /// <summary>A user without a key.</summary>
    public async Task<Actor> NewActorAsync(Role role)
    {
        var name = NewName();
        await Administration.CreateAsync(Admin, name, role, CancellationToken.None);
        return new Actor((await Administration.FindAsync(Admin, name, CancellationToken.None))!.Id, name);
    }

    /// <summary>A user of this role for tests that change nothing about users.</summary>
    public async Task<TestUser> UserOfAsync(Role role) => _byRole.TryGetValue(role, out var user) ? user : _byRole[role] = await NewUserAsync(role);

    public async Task<string> NewRegistryAsync() => (await Registries.CreateAsync(Admin, NewName("r"), null, CancellationToken.None)).Name;

    /// <summary>An image with one artifact, tagged <c>v1</c>.</summary>
    public async Task<(RegistryClient Image, PushedManifest Manifest, string Blob)> NewImageAsync(string registry)
    {
        var image = new RegistryClient(Http, RegistryClient.UniqueName(registry));
        var content = new ImageBuilder(1);
        return (image, await image.PushAsync(content, "v1"), content.LayerDigests[0]);
    }

    /// <summary>Asserts that a command is refused for want of a right, and gives the message.</summary>
    public static async Task<string> DeniedAsync(Func<Task> command)
    {
        var exception = await Assert.ThrowsAsync<NcrException>(command);
        Assert.Equal(NcrError.Denied, exception.Error);
        return exception.Message;
    }
}
