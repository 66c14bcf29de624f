using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Paging;
using Ncr.Core.Sessions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

public sealed class UserAdministrationTests(AccessSetup setup) : IClassFixture<AccessSetup>
{
    private const string Password = "a long password";

    [Fact]
    public async Task LastProjectAdmin_CannotBeTakenAway()
    {
        await using var server = await NcrServer.StartAsync();
        var administration = (UserAdministration)server.Services.GetService(typeof(UserAdministration))!;
        var users = (UserService)server.Services.GetService(typeof(UserService))!;
        var admin = server.Administrator;

        // One who has not chosen a password yet can't do anything for the others.
        var link = await administration.CreateAsync(admin, "second", Role.ProjectAdmin, default);
        foreach (var take in new Func<Task>[] { () => administration.SetDisabledAsync(admin, 1, true, default), () => administration.SetRoleAsync(admin, 1, Role.ServiceAdmin, default), () => administration.DeleteAsync(admin, 1, default) })
        {
            var exception = await Assert.ThrowsAsync<NcrException>(take);
            Assert.Equal(NcrError.Conflict, exception.Error);
            Assert.Contains("last project admin", exception.Message, StringComparison.Ordinal);
        }

        var second = await users.ChooseByLinkAsync("second", link.Code, Password, Visitor.Unknown, default);
        await administration.SetRoleAsync(admin, 1, Role.ServiceAdmin, default);
        await AccessSetup.DeniedAsync(() => administration.ListAsync(admin, new PageRequest(), default));
        Assert.Equal(NcrError.Conflict, (await Assert.ThrowsAsync<NcrException>(() => administration.DeleteAsync(new Actor(second.Id, "second"), second.Id, default))).Error);
    }

    [Fact]
    public async Task Link_WorksOnce()
    {
        var name = AccessSetup.NewName();
        var link = await setup.Administration.CreateAsync(setup.Admin, name, Role.ServiceViewer, default);
        Assert.True(await setup.Users.IsLinkGoodAsync(name, link.Code, default));
        Assert.False(await setup.Users.IsLinkGoodAsync(setup.Server.UserName, link.Code, default));
        Assert.Equal(NcrError.Invalid, (await Assert.ThrowsAsync<NcrException>(() => setup.Users.ChooseByLinkAsync(name, link.Code, "short", Visitor.Unknown, default))).Error);

        var session = await setup.Users.ChooseByLinkAsync(name, link.Code, Password, Visitor.Unknown, default);

        Assert.True(await setup.Sessions.IsValidAsync(session.Id, session.Token, null, default));
        Assert.Equal(session.Id, (await setup.Users.SignInAsync(name, Password, Visitor.Unknown, default)).Id);
        Assert.False(await setup.Users.IsLinkGoodAsync(name, link.Code, default));
        await AccessSetup.DeniedAsync(() => setup.Users.ChooseByLinkAsync(name, link.Code, "another password", Visitor.Unknown, default));
        Assert.NotNull(await setup.Users.SignInAsync(name, Password, Visitor.Unknown, default));
    }

    [Fact]
    public async Task Link_EndsWithTimeAndWithAnother()
    {
        var name = AccessSetup.NewName();
        var first = await setup.Administration.CreateAsync(setup.Admin, name, Role.ServiceViewer, default);
        var id = (await setup.Administration.FindAsync(setup.Admin, name, default))!.Id;

        var second = await setup.Administration.CreateLinkAsync(setup.Admin, id, default);
        Assert.False(await setup.Users.IsLinkGoodAsync(name, first.Code, default));
        Assert.True(await setup.Users.IsLinkGoodAsync(name, second.Code, default));
        setup.Clock.Advance(UserAdministration.LinkLifetime + TimeSpan.FromSeconds(1));
        Assert.False(await setup.Users.IsLinkGoodAsync(name, second.Code, default));
        await AccessSetup.DeniedAsync(() => setup.Users.ChooseByLinkAsync(name, second.Code, Password, Visitor.Unknown, default));

        var third = await setup.Administration.CreateLinkAsync(setup.Admin, id, default);
        await setup.Administration.SetDisabledAsync(setup.Admin, id, true, default);
        Assert.False(await setup.Users.IsLinkGoodAsync(name, third.Code, default));
    }

    [Fact]
    public async Task Link_ForAPasswordForgotten_EndsSessionsWhenItIsUsed()
    {
        var (name, before) = await NewPersonAsync();
        var link = await setup.Administration.CreateLinkAsync(setup.Admin, before.Id, default);
        Assert.NotNull(await setup.Users.SignInAsync(name, Password, Visitor.Unknown, default));

        await setup.Users.ChooseByLinkAsync(name, link.Code, "another password", Visitor.Unknown, default);

        Assert.False(await setup.Sessions.IsValidAsync(before.Id, before.Token, null, default));
        await SignInRefusedAsync(name, Password);
    }

    [Fact]
    public async Task SignIn_OfServiceAccountsAndOfWhoHasNoPassword_IsRefused()
    {
        var (service, person) = (AccessSetup.NewName("s"), AccessSetup.NewName());
        await setup.Administration.CreateServiceAsync(setup.Admin, service, Role.ServiceAdmin, default);
        await setup.Administration.CreateAsync(setup.Admin, person, Role.ServiceAdmin, default);

        foreach (var password in new[] { "", "decoy", Password })
        {
            await SignInRefusedAsync(service, password);
            await SignInRefusedAsync(person, password);
        }

        var id = (await setup.Administration.FindAsync(setup.Admin, service, default))!.Id;
        Assert.Equal(NcrError.Conflict, (await Assert.ThrowsAsync<NcrException>(() => setup.Administration.CreateLinkAsync(setup.Admin, id, default))).Error);
        foreach (var role in new[] { Role.ProjectAdmin, Role.ProjectMember })
        {
            Assert.Equal(NcrError.Invalid, (await Assert.ThrowsAsync<NcrException>(() => setup.Administration.SetRoleAsync(setup.Admin, id, role, default))).Error);
        }
    }

    [Fact]
    public async Task Disabled_CannotSignInAndSessionsEnd_EnabledSignsInAgain()
    {
        var (name, session) = await NewPersonAsync();

        await setup.Administration.SetDisabledAsync(setup.Admin, session.Id, true, default);
        await SignInRefusedAsync(name, Password);
        Assert.False(await setup.Sessions.IsValidAsync(session.Id, session.Token, null, default));

        await setup.Administration.SetDisabledAsync(setup.Admin, session.Id, false, default);
        Assert.False(await setup.Sessions.IsValidAsync(session.Id, session.Token, null, default));
        Assert.NotNull(await setup.Users.SignInAsync(name, Password, Visitor.Unknown, default));
        Assert.NotNull((await setup.Administration.FindAsync(setup.Admin, name, default))!.LastSignInAt);
    }

    [Fact]
    public async Task ChangePassword_EndsOtherSessionsAndNeedsTheOldOne()
    {
        var (name, session) = await NewPersonAsync();
        var actor = new Actor(session.Id, name);
        var other = await setup.Users.SignInAsync(name, Password, Visitor.Unknown, default);
        await AccessSetup.DeniedAsync(() => setup.Users.ChangePasswordAsync(actor, session.Token, "not it at all", "another password", default));
        Assert.True(await setup.Sessions.IsValidAsync(other.Id, other.Token, null, default));

        await setup.Users.ChangePasswordAsync(actor, session.Token, Password, "another password", default);

        Assert.False(await setup.Sessions.IsValidAsync(other.Id, other.Token, null, default));
        Assert.True(await setup.Sessions.IsValidAsync(session.Id, session.Token, null, default));
        await SignInRefusedAsync(name, Password);
    }

    [Fact]
    public async Task Names_ThatAreTakenOrBad_AreRefused()
    {
        var name = AccessSetup.NewName();
        await setup.Administration.CreateAsync(setup.Admin, name, Role.None, default);

        Assert.Equal(NcrError.Conflict, (await Assert.ThrowsAsync<NcrException>(() => setup.Administration.CreateAsync(setup.Admin, name.ToUpperInvariant(), Role.None, default))).Error);
        Assert.Equal(NcrError.Conflict, (await Assert.ThrowsAsync<NcrException>(() => setup.Administration.CreateServiceAsync(setup.Admin, name, Role.None, default))).Error);
        foreach (var bad in new[] { "", " ", "a b", "a/b", "ü", new string('x', 65) })
        {
            Assert.Equal(NcrError.Invalid, (await Assert.ThrowsAsync<NcrException>(() => setup.Administration.CreateAsync(setup.Admin, bad, Role.None, default))).Error);
        }
    }

    [Fact]
    public async Task Deleted_IsGoneWithKeysAndRoles_AndTheNameIsFree()
    {
        var user = await setup.NewUserAsync(Role.ServiceViewer);
        var registry = await setup.NewRegistryAsync();
        await setup.Members.SetAsync(setup.Admin, registry, user.Actor.Name, Role.ImageUploader, default);

        await setup.Administration.DeleteAsync(setup.Admin, user.Id, default);

        Assert.Null(await setup.Administration.FindAsync(setup.Admin, user.Actor.Name, default));
        Assert.Empty(await setup.Members.ListAsync(setup.Admin, registry, default));
        await Assert.ThrowsAsync<NcrException>(() => setup.Keys.LoginAsync(user.Key, user.Secret, Actor.Anonymous(null), default));
        await setup.Administration.CreateAsync(setup.Admin, user.Actor.Name, Role.None, default);
        var again = (await setup.Administration.FindAsync(setup.Admin, user.Actor.Name, default))!;
        Assert.Equal((0, 0, false), (again.KeyCount, again.RegistryCount, again.Id == user.Id));
    }

    private async Task<(string Name, SignedInUser Session)> NewPersonAsync()
    {
        var name = AccessSetup.NewName();
        var link = await setup.Administration.CreateAsync(setup.Admin, name, Role.ServiceViewer, default);
        return (name, await setup.Users.ChooseByLinkAsync(name, link.Code, Password, Visitor.Unknown, default));
    }

    private async Task SignInRefusedAsync(string name, string password) =>
        Assert.Equal(NcrError.Unauthenticated, (await Assert.ThrowsAsync<NcrException>(() => setup.Users.SignInAsync(name, password, Visitor.Unknown, default))).Error);
}
