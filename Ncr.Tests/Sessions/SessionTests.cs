using System.Net;
using Microsoft.Data.Sqlite;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Sessions;
using Ncr.Tests.Access;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Sessions;

/// <summary>Sessions as the core keeps them, and the cookie that names one.</summary>
public sealed class SessionTests(AccessSetup setup) : IClassFixture<AccessSetup>
{
    private const string Password = "a long password";
    private static readonly Visitor Firefox = new("192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");

    [Fact]
    public async Task List_ShowsWhereOneIsSignedIn_ThisOneFirst()
    {
        var (actor, first) = await NewPersonAsync();
        var second = await setup.Users.SignInAsync(actor.Name, Password, Firefox, default);

        var rows = await setup.Sessions.ListOwnAsync(actor, first.Token, default);

        Assert.Equal([(true, SessionOrigin.Link), (false, SessionOrigin.Password)], rows.Select(r => (r.IsCurrent, r.Origin)));
        Assert.Equal((Firefox.Address, Firefox.UserAgent), (rows[1].Address, rows[1].UserAgent));
        Assert.Equal(rows.Select(r => r.Id).Order(), (await setup.Sessions.ListOfAsync(setup.Admin, actor.UserId!.Value, null, default)).Select(r => r.Id).Order());
        Assert.True(await setup.Sessions.IsValidAsync(second.Id, second.Token, null, default));
        Assert.Equal(0L, Query("SELECT COUNT(*) FROM Sessions WHERE TokenHash = @0", second.Token)); // The database does not give it away.
    }

    [Fact]
    public async Task End_OfOne_EndsThatOneAlone_AndNobodyElses()
    {
        var (actor, first) = await NewPersonAsync();
        var second = await setup.Users.SignInAsync(actor.Name, Password, Firefox, default);
        var (stranger, _) = await NewPersonAsync();
        var row = (await setup.Sessions.ListOwnAsync(actor, first.Token, default)).Single(r => !r.IsCurrent);

        Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(() => setup.Sessions.EndAsync(stranger, row.Id, default))).Error);
        await AccessSetup.DeniedAsync(() => setup.Sessions.ListOfAsync(stranger, actor.UserId!.Value, null, default));
        await AccessSetup.DeniedAsync(() => setup.Sessions.EndAllOfAsync(stranger, actor.UserId!.Value, default));
        Assert.True(await IsValidAsync(second));
        await setup.Sessions.EndAsync(actor, row.Id, default);

        Assert.False(await IsValidAsync(second));
        Assert.True(await IsValidAsync(first));
        Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(() => setup.Sessions.EndAsync(actor, row.Id, default))).Error);
        Assert.Equal($"{actor.Name}: one session", Query("SELECT Details FROM Events WHERE Type = 'session.delete' AND Actor = @0", actor.Name));
    }

    [Fact]
    public async Task EndOthers_KeepsTheOneThatAsks_AndAnAdministratorEndsAll()
    {
        var (actor, first) = await NewPersonAsync();
        var others = new[] { await setup.Users.SignInAsync(actor.Name, Password, Firefox, default), await setup.Users.SignInAsync(actor.Name, Password, Firefox, default) };

        Assert.Equal(2, await setup.Sessions.EndOthersAsync(actor, first.Token, default));

        Assert.False(await IsValidAsync(others[0]));
        Assert.False(await IsValidAsync(others[1]));
        Assert.True(await IsValidAsync(first));
        await setup.Sessions.EndAllOfAsync(setup.Admin, actor.UserId!.Value, default);
        Assert.False(await IsValidAsync(first));
    }

    [Fact]
    public async Task Session_IsGoodForItsUserAlone()
    {
        var (_, mine) = await NewPersonAsync();
        var (_, yours) = await NewPersonAsync();

        Assert.False(await setup.Sessions.IsValidAsync(yours.Id, mine.Token, null, default));
        Assert.True(await IsValidAsync(mine));
    }

    [Fact]
    public async Task Session_InUse_GoesOn_AndIdle_Ends()
    {
        var (actor, used) = await NewPersonAsync();
        var idle = await setup.Users.SignInAsync(actor.Name, Password, Firefox, default);
        setup.Clock.Advance(TimeSpan.FromHours(8));
        Assert.True(await setup.Sessions.IsValidAsync(used.Id, used.Token, "192.0.2.99", default));
        await setup.Sessions.FlushAsync();
        setup.Clock.Advance(TimeSpan.FromHours(5));

        Assert.True(await IsValidAsync(used));
        Assert.False(await IsValidAsync(idle));
        var row = Assert.Single(await setup.Sessions.ListOwnAsync(actor, used.Token, default));
        Assert.Equal("192.0.2.99", row.Address);
        Assert.Equal(2L, Query("SELECT COUNT(*) FROM Sessions WHERE UserId = @0", actor.UserId!));
        await setup.Sessions.FlushAsync();
        Assert.Equal(1L, Query("SELECT COUNT(*) FROM Sessions WHERE UserId = @0", actor.UserId!));
        setup.Clock.Advance(SessionService.IdleTime);
        Assert.False(await IsValidAsync(used));
    }

    [Fact]
    public async Task Cookie_NamesTheSession_UntilItIsEndedOrSignedOut()
    {
        using var http = new ConsoleClient(setup.Server);
        var (actor, first) = await NewPersonAsync();
        await http.SignInAsync(actor.Name, Password);
        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(ConsoleUrls.Account));
        var rows = await setup.Sessions.ListOwnAsync(actor, first.Token, default);
        Assert.Equal("127.0.0.1", rows.Single(r => !r.IsCurrent).Address);

        await setup.Sessions.EndOthersAsync(actor, first.Token, default);
        Assert.Equal(HttpStatusCode.Redirect, await http.StatusAsync(ConsoleUrls.Account));

        await http.SignInAsync(actor.Name, Password);
        var stolen = http.Cookies;
        await http.PostFormAsync(ConsoleUrls.Overview, ConsoleUrls.SignOut, []);
        using var thief = new ConsoleClient(setup.Server, stolen);
        Assert.Equal(HttpStatusCode.Redirect, await thief.StatusAsync(ConsoleUrls.Account));
        Assert.Single(await setup.Sessions.ListOwnAsync(actor, first.Token, default));
    }

    private ValueTask<bool> IsValidAsync(SignedInUser session) => setup.Sessions.IsValidAsync(session.Id, session.Token, null, default);

    private async Task<(Actor Actor, SignedInUser Session)> NewPersonAsync()
    {
        var name = AccessSetup.NewName();
        var link = await setup.Administration.CreateAsync(setup.Admin, name, Role.ServiceViewer, default);
        var session = await setup.Users.ChooseByLinkAsync(name, link.Code, Password, Visitor.Unknown, default);
        return (new Actor(session.Id, name), session);
    }

    private object? Query(string sql, object value)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(setup.Server.DataFolder, "ncr.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@0", value);
        return command.ExecuteScalar();
    }
}
