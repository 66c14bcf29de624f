using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

public sealed class AccessKeyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly NcrServer _server = fixture.Server;

    private AccessKeyService Keys => _server.Services.GetRequiredService<AccessKeyService>();

    [Fact]
    public async Task Create_TheSixth_IsRefusedWithTheLimit()
    {
        await using var server = await NcrServer.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await server.CreateAccessKeyAsync();
        }

        var exception = await Assert.ThrowsAsync<NcrException>(server.CreateAccessKeyAsync);

        Assert.Equal(NcrError.Conflict, exception.Error);
        Assert.Contains("5 access keys", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Regenerate_EndsTheOldSecretAndGivesANewOne()
    {
        var (key, old) = await _server.CreateAccessKeyAsync();
        await Keys.LoginAsync(key, old, Actor.Anonymous(null), CancellationToken.None);

        var pair = await Keys.RegenerateAsync(_server.Administrator, await IdOfAsync(key), CancellationToken.None);

        Assert.Equal(key, pair.Key);
        Assert.NotEqual(old, pair.Secret);
        await Assert.ThrowsAsync<NcrException>(() => Keys.LoginAsync(key, old, Actor.Anonymous(null), CancellationToken.None));
        Assert.Equal(_server.UserName, (await Keys.LoginAsync(key, pair.Secret, Actor.Anonymous(null), CancellationToken.None)).Actor.Name);
        await _server.DeleteAccessKeyAsync(key);
    }

    [Fact]
    public async Task Login_MarksTheKeyAsUsed()
    {
        var (key, secret) = await _server.CreateAccessKeyAsync();
        Assert.Null((await RowOfAsync(key)).LastUsedAt);

        await Keys.LoginAsync(key, secret, Actor.Anonymous(null), CancellationToken.None);

        Assert.NotNull((await RowOfAsync(key)).LastUsedAt);
        await _server.DeleteAccessKeyAsync(key);
    }

    [Fact]
    public async Task Database_HoldsNoSecret()
    {
        var (key, secret) = await _server.CreateAccessKeyAsync();
        await _server.DeleteAccessKeyAsync(key);

        foreach (var file in Directory.GetFiles(_server.DataFolder, "ncr.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            var content = await reader.ReadToEndAsync();
            Assert.DoesNotContain(secret, content, StringComparison.Ordinal);
            Assert.DoesNotContain(_server.SecretKey, content, StringComparison.Ordinal);
            Assert.DoesNotContain(_server.Password, content, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Login_WithManyWrongSecrets_IsSlowedDown()
    {
        var refusals = new List<NcrError>();
        for (var i = 0; i < 8; i++)
        {
            refusals.Add((await Assert.ThrowsAsync<NcrException>(() => Keys.LoginAsync("guessed-key", $"wrong-{i}", Actor.Anonymous("192.0.2.1"), CancellationToken.None))).Error);
        }

        Assert.Equal(NcrError.Unauthenticated, refusals[0]);
        Assert.Equal(NcrError.TooManyRequests, refusals[^1]);

        // Others are not in its way: another key from there, and the same key from elsewhere.
        Assert.NotNull(await Keys.LoginAsync(_server.AccessKey, _server.SecretKey, Actor.Anonymous("192.0.2.1"), CancellationToken.None));
        Assert.Equal(NcrError.Unauthenticated, (await Assert.ThrowsAsync<NcrException>(() => Keys.LoginAsync("guessed-key", "wrong", Actor.Anonymous("192.0.2.2"), CancellationToken.None))).Error);
    }

    [Fact]
    public async Task Login_OfOneWhoWasHereBefore_IsNotInTheWayOfOthersFailures()
    {
        const string Office = "192.0.2.77";
        await Keys.LoginAsync(_server.AccessKey, _server.SecretKey, Actor.Anonymous(Office), CancellationToken.None);
        for (var i = 0; i < 60; i++)
        {
            await Assert.ThrowsAsync<NcrException>(() => Keys.LoginAsync($"revoked-{i}", "old", Actor.Anonymous(Office), CancellationToken.None));
        }

        Assert.Equal(NcrError.TooManyRequests, (await Assert.ThrowsAsync<NcrException>(() => Keys.LoginAsync("one-more", "old", Actor.Anonymous(Office), CancellationToken.None))).Error);
        Assert.NotNull(await Keys.LoginAsync(_server.AccessKey, _server.SecretKey, Actor.Anonymous(Office), CancellationToken.None));
    }

    [Theory]
    [InlineData(89, false)]
    [InlineData(91, true)]
    public void IsOld_CountsFromTheSecret(int days, bool expected) =>
        Assert.Equal(expected, new AccessKeyRow(1, "key", true, DateTime.UnixEpoch, DateTime.UnixEpoch.AddDays(1000), null, null, AccessKeySettings.None).IsOld(DateTime.UnixEpoch.AddDays(1000 + days)));

    [Fact]
    public async Task Commands_OfNobodyOrAStranger_AreRefused()
    {
        var nobody = Actor.Anonymous("192.0.2.3");
        var stranger = new Actor(4711, "stranger");

        Assert.Equal(NcrError.Unauthenticated, (await Assert.ThrowsAsync<NcrException>(() => Keys.CreateAsync(nobody, AccessKeySettings.None, CancellationToken.None))).Error);
        Assert.Equal(NcrError.Denied, (await Assert.ThrowsAsync<NcrException>(() => Keys.CreateAsync(stranger, AccessKeySettings.None, CancellationToken.None))).Error);
    }

    private async Task<AccessKeyRow> RowOfAsync(string key) => (await Keys.ListOwnAsync(_server.Administrator, CancellationToken.None)).Single(k => k.Key == key);

    private async Task<long> IdOfAsync(string key) => (await RowOfAsync(key)).Id;
}
