using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Sessions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

public sealed class SetupTests
{
    [Fact]
    public async Task Complete_WithTheCode_WorksOnce()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Setup:User"] = null);
        var setup = server.Services.GetRequiredService<SetupService>();
        var users = server.Services.GetRequiredService<UserService>();
        var sessions = server.Services.GetRequiredService<SessionService>();
        Assert.True(await setup.IsNeededAsync(CancellationToken.None));

        var wrong = await Assert.ThrowsAsync<NcrException>(() => setup.CompleteAsync("0123", "ann", "a long password", Visitor.Unknown, CancellationToken.None));
        var weak = await Assert.ThrowsAsync<NcrException>(() => setup.CompleteAsync(setup.Code, "ann", "short", Visitor.Unknown, CancellationToken.None));
        var user = await setup.CompleteAsync(setup.Code, "ann", "a long password", Visitor.Unknown, CancellationToken.None);
        var again = await Assert.ThrowsAsync<NcrException>(() => setup.CompleteAsync(setup.Code, "bob", "a long password", Visitor.Unknown, CancellationToken.None));

        Assert.Equal((NcrError.Denied, NcrError.Invalid, NcrError.Conflict), (wrong.Error, weak.Error, again.Error));
        Assert.False(await setup.IsNeededAsync(CancellationToken.None));
        Assert.Equal(user.Id, (await users.SignInAsync("ANN", "a long password", Visitor.Unknown, CancellationToken.None)).Id);
        Assert.True(await sessions.IsValidAsync(user.Id, user.Token, null, CancellationToken.None));
        Assert.False(await sessions.IsValidAsync(user.Id, "another token", null, CancellationToken.None));
    }

    [Fact]
    public async Task Unattended_OnADatabaseThatIsSetUp_DoesNothing()
    {
        await using var server = await NcrServer.StartAsync();
        await server.DeleteAccessKeyAsync(server.AccessKey);

        await server.RestartAsync();

        await Assert.ThrowsAsync<NcrException>(() => server.Services.GetRequiredService<AccessKeyService>().LoginAsync(server.AccessKey, server.SecretKey, Actor.Anonymous(null), CancellationToken.None));
    }

    [Fact]
    public async Task SignIn_Wrong_SaysTheSameForAnUnknownUser()
    {
        await using var server = await NcrServer.StartAsync();
        var users = server.Services.GetRequiredService<UserService>();

        var wrong = await Assert.ThrowsAsync<NcrException>(() => users.SignInAsync(server.UserName, "not it", new Visitor("192.0.2.1", null), CancellationToken.None));
        var unknown = await Assert.ThrowsAsync<NcrException>(() => users.SignInAsync("nobody", "not it", new Visitor("192.0.2.1", null), CancellationToken.None));

        Assert.Equal(wrong.Message, unknown.Message);
        Assert.Equal(NcrError.Unauthenticated, unknown.Error);
    }
}
