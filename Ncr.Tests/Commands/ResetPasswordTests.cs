using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Sessions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Commands;

public sealed class ResetPasswordTests
{
    [Fact]
    public async Task ResetPassword_BesideItsServer_ChangesItAndEndsSessions()
    {
        await using var server = await NcrServer.StartAsync();
        var users = server.Services.GetRequiredService<UserService>();
        var sessions = server.Services.GetRequiredService<SessionService>();
        var session = await users.SignInAsync(server.UserName, server.Password, Visitor.Unknown, CancellationToken.None);
        Assert.True(await sessions.IsValidAsync(session.Id, session.Token, null, CancellationToken.None));

        var result = await NcrCli.On(server).WithInput("another long password\n").RunAsync("reset-password", "ADMIN");

        Assert.Contains("'admin' has a new password", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("another long password", result.All, StringComparison.Ordinal);
        var old = await Assert.ThrowsAsync<NcrException>(() => users.SignInAsync(server.UserName, server.Password, Visitor.Unknown, CancellationToken.None));
        Assert.Equal(NcrError.Unauthenticated, old.Error);
        await users.SignInAsync(server.UserName, "another long password", Visitor.Unknown, CancellationToken.None);
        for (var i = 0; await sessions.IsValidAsync(session.Id, session.Token, null, CancellationToken.None); i++)
        {
            Assert.True(i < 100, "The session did not end.");
            await Task.Delay(100);
        }

        using var database = new SqliteConnection($"Data Source={Path.Combine(server.DataFolder, "ncr.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT Actor || ' ' || Details FROM Events WHERE Type = 'user.password_reset'";
        Assert.Equal("system admin", command.ExecuteScalar());
    }

    [Fact]
    public async Task ResetPassword_OnAStoppedServer_Works()
    {
        await using var server = await NcrServer.StartAsync();
        await server.StopAsync();

        await NcrCli.On(server).WithInput("another long password").RunAsync("reset-password", server.UserName);
        await server.RestartAsync();

        await server.Services.GetRequiredService<UserService>().SignInAsync(server.UserName, "another long password", Visitor.Unknown, CancellationToken.None);
    }

    [Theory]
    [InlineData("admin", "short\n", "at least 8 characters")]
    [InlineData("admin", "", "no password on the input")]
    [InlineData("nobody", "another long password\n", "There are: admin")]
    public async Task ResetPassword_ThatCannotBe_ChangesNothing(string user, string input, string words)
    {
        await using var server = await NcrServer.StartAsync();

        var result = await NcrCli.On(server).WithInput(input).FailAsync("reset-password", user);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
        await server.Services.GetRequiredService<UserService>().SignInAsync(server.UserName, server.Password, Visitor.Unknown, CancellationToken.None);
    }
}
