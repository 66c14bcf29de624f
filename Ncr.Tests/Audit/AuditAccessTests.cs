using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Audit;

/// <summary>Who sees what of the audit, and that what is refused is in it.</summary>
public sealed class AuditAccessTests(AccessSetup setup) : IClassFixture<AccessSetup>
{
    private AuditService Audit => setup.Get<AuditService>();

    [Fact]
    public async Task List_ShowsEachRoleWhatItMaySee()
    {
        var (mine, other) = (await setup.NewRegistryAsync(), await setup.NewRegistryAsync());
        var (admin, member, alone, viewer) = (
            await setup.NewActorAsync(Role.ProjectAdmin), await setup.NewActorAsync(Role.ProjectMember), await setup.NewActorAsync(Role.None), await setup.NewActorAsync(Role.ServiceViewer));
        await setup.Members.SetAsync(setup.Admin, mine, alone.Name, Role.ServiceAdmin, CancellationToken.None);
        await setup.Members.SetAsync(setup.Admin, other, alone.Name, Role.ServiceViewer, CancellationToken.None); // Seeing the registry is not seeing its audit.

        Assert.Equal((true, true, true), await SeesAsync(admin, mine, other));
        Assert.Equal((true, true, false), await SeesAsync(member, mine, other));
        Assert.Equal((true, false, false), await SeesAsync(alone, mine, other));
        await AccessSetup.DeniedAsync(() => Audit.ListAsync(viewer, AuditFilter.None, new PageRequest(), CancellationToken.None));
        await AccessSetup.DeniedAsync(() => Audit.ListActorsAsync(viewer, CancellationToken.None));
        await AccessSetup.DeniedAsync(() => Audit.ReadAllAsync(viewer, AuditFilter.None, CancellationToken.None).ToListAsync().AsTask());
        Assert.Equal([mine], await Audit.ListRegistriesAsync(alone, CancellationToken.None));

        // Asked for by name, nothing of the others comes either.
        Assert.Empty(await setup.Server.AuditAsync(alone, new AuditFilter(Registry: other)));
        Assert.Empty(await setup.Server.AuditAsync(alone, new AuditFilter(Kind: EventKind.SignIns)));
        Assert.All(await Audit.ReadAllAsync(alone, AuditFilter.None, CancellationToken.None).ToListAsync(), r => Assert.Equal(mine, r.Registry));
    }

    [Fact]
    public async Task Export_OfWhoLosesTheRightOnTheWay_Ends()
    {
        var member = await setup.NewActorAsync(Role.ProjectMember);
        var registry = await setup.NewRegistryAsync();
        await setup.Server.WriteAsync(db => db.AddManyAsync(registry, 2500, EventTypes.ArtifactPushed));

        var read = 0;
        var refusal = await Assert.ThrowsAsync<NcrException>(async () =>
        {
            await foreach (var _ in Audit.ReadAllAsync(member, new AuditFilter(registry), CancellationToken.None))
            {
                if (++read == 1)
                {
                    await setup.Administration.SetRoleAsync(setup.Admin, member.UserId!.Value, Role.ServiceViewer, CancellationToken.None);
                }
            }
        });

        Assert.Equal((NcrError.Denied, 1000), (refusal.Error, read));
    }

    [Fact]
    public async Task Command_Refused_IsRecordedOnceAMinute_WithTheNumberOfTheRest()
    {
        var user = await setup.NewUserAsync(Role.ServiceViewer);
        var registry = await setup.NewRegistryAsync();
        var name = ImageName.Parse($"{registry}/app");
        for (var i = 0; i < 5; i++)
        {
            await AccessSetup.DeniedAsync(() => setup.Get<ImageService>().DeleteAsync(user.Actor, name, CancellationToken.None));
        }

        await AccessSetup.DeniedAsync(() => setup.Registries.DeleteAsync(user.Actor, registry, CancellationToken.None));
        var filter = new AuditFilter(Actor: user.Actor.Name, Kind: EventKind.Refusals);
        var rows = await setup.Server.AuditAsync(setup.Admin, filter);
        Assert.Equal(
            [(registry, "to delete registries is not allowed by the role"), (registry, "to delete images is not allowed by the role")],
            rows.Select(r => (r.Registry, r.Details)));

        setup.Clock.Advance(TimeSpan.FromMinutes(1.1));
        rows = await setup.Server.AuditAsync(setup.Admin, filter);
        Assert.Equal((3, "to delete images is not allowed by the role (4 times more since the last record)"), (rows.Count, rows[0].Details));
        setup.Clock.Advance(TimeSpan.FromMinutes(1.1));
        Assert.Equal(3, (await setup.Server.AuditAsync(setup.Admin, filter)).Count);
    }

    [Fact]
    public async Task Command_RefusedInMadeUpRegistries_IsBoundedAndMakesNoNames()
    {
        var user = await setup.NewUserAsync(Role.None);
        for (var i = 0; i < 200; i++)
        {
            using var answer = await new RegistryClient(user.Basic, $"made-up-{i}/app").GetAsync("manifests/v1");
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
        }

        var rows = await setup.Server.AuditAsync(setup.Admin, new AuditFilter(Actor: user.Actor.Name, Kind: EventKind.Refusals), 200);
        Assert.Equal(RefusalLog.MaxRowsOfOne, rows.Count);
        Assert.All(rows, r => Assert.Equal((null, "127.0.0.1"), (r.Registry, r.Address)));
        Assert.Contains("registry 'made-up-0', which does not exist", rows[^1].Details, StringComparison.Ordinal);
        Assert.DoesNotContain("made-up-0", await Audit.ListRegistriesAsync(setup.Admin, CancellationToken.None));

        setup.Clock.Advance(TimeSpan.FromMinutes(1.1));
        const string Rest = " times more, of kinds too many to record each";
        rows = await setup.Server.AuditAsync(setup.Admin, new AuditFilter(Kind: EventKind.Refusals), 200);
        Assert.Equal(200 - RefusalLog.MaxRowsOfOne, rows.Where(r => r.Details!.EndsWith(Rest, StringComparison.Ordinal)).Sum(r => int.Parse(r.Details![..^Rest.Length], null))); // The server's own rounds may have written some of it.
    }

    [Fact]
    public async Task Login_Refused_SaysOfWhichKeyAndWhy()
    {
        var user = await setup.NewUserAsync(Role.ServiceViewer);
        var id = Assert.Single(await setup.Keys.ListOwnAsync(user.Actor, CancellationToken.None)).Id;
        var (actor, start) = (user.Actor.Name, $"{user.Key} (of {user.Actor.Name}): ");
        var unknown = AccessSetup.NewName("no");

        Assert.Null(await LoginAsync(user.Key, user.Secret)); // Good.
        await LoginAsync(user.Key, "wrong secret");
        await LoginAsync(unknown, "a secret");
        await setup.Keys.ChangeSettingsAsync(user.Actor, id, AccessKeySettings.None with { Networks = "192.0.2.0/24" }, CancellationToken.None);
        await LoginAsync(user.Key, user.Secret);
        await setup.Keys.ChangeSettingsAsync(user.Actor, id, AccessKeySettings.None with { ExpiresAt = setup.Clock.GetUtcNow().UtcDateTime.AddHours(1) }, CancellationToken.None);
        setup.Clock.Advance(TimeSpan.FromHours(2));
        await LoginAsync(user.Key, user.Secret);
        await setup.Keys.SetEnabledAsync(user.Actor, id, false, CancellationToken.None);
        await LoginAsync(user.Key, user.Secret);

        var rows = (await setup.Server.AuditAsync(setup.Admin, new AuditFilter(Kind: EventKind.AccessKeys))).Where(r => r.Type == EventTypes.AccessKeyRefused).ToList();
        Assert.Equal(
            [
                (actor, start + "the key is disabled"), (actor, start + "the key has expired"), (actor, start + "the key may not be used from this address"),
                ("", unknown + ": there is no such key"), ("", start + "the secret is wrong"),
            ],
            rows.Where(r => r.Details!.Contains(user.Key, StringComparison.Ordinal) || r.Details.Contains(unknown, StringComparison.Ordinal)).Select(r => (r.Actor, r.Details!)));
        Assert.All(rows, r => Assert.Equal("198.51.100.7", r.Address));
    }

    private async Task<Exception?> LoginAsync(string key, string secret) => await Record.ExceptionAsync(() => setup.Keys.LoginAsync(key, secret, Actor.Anonymous("198.51.100.7"), CancellationToken.None));

    /// <returns>Whether somebody sees what was done in two registries, and with users.</returns>
    private async Task<(bool Mine, bool Other, bool Users)> SeesAsync(Actor actor, string mine, string other)
    {
        var rows = await setup.Server.AuditAsync(actor, AuditFilter.None);
        return (rows.Any(r => r.Registry == mine), rows.Any(r => r.Registry == other), rows.Any(r => r.Registry is null));
    }
}
