using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Data;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Data;

public sealed class WriteGateTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private WriteGate Gate => fixture.Server.Services.GetRequiredService<WriteGate>();

    [Fact]
    public async Task Run_ManyAtOnce_KeepsAllButTheOnesThatThrew()
    {
        var names = Enumerable.Range(0, 200).Select(i => $"gate-{i:000}").ToList();

        var outcomes = await Task.WhenAll(names.Select(async (name, i) =>
        {
            try
            {
                return await Gate.RunAsync(
                    async (db, token) =>
                    {
                        db.Registries.Add(NewRegistry(name));
                        await db.SaveChangesAsync(token);
                        return i % 10 == 3 ? throw new InvalidOperationException(name) : name;
                    },
                    CancellationToken.None);
            }
            catch (InvalidOperationException exception) when (exception.Message == name)
            {
                return null;
            }
        }));

        await using var db = await fixture.Server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        var stored = await db.Registries.Where(r => r.Name.StartsWith("gate-")).Select(r => r.Name).OrderBy(n => n).ToListAsync();
        Assert.Equal(20, outcomes.Count(o => o is null));
        Assert.Equal(outcomes.OfType<string>().Order(StringComparer.Ordinal), stored);
    }

    [Fact]
    public async Task Run_WithAConflictWhenSaving_TellsThatCallerAlone()
    {
        var name = $"twice-{Guid.NewGuid():N}";
        Task<bool> Add() => Gate.RunAsync(
            (db, _) =>
            {
                db.Registries.Add(NewRegistry(name));
                return Task.FromResult(true);
            },
            CancellationToken.None);

        var (first, second) = (Add(), Add());

        Assert.True(await first);
        await Assert.ThrowsAsync<DbUpdateException>(() => second);
    }

    [Fact]
    public async Task Connections_FlushAtEachCommit()
    {
        await using var db = await fixture.Server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();

        // 2 is FULL: with less, a power cut could take back what a client was told is stored.
        Assert.Equal(2, await db.Database.SqlQuery<int>($"SELECT synchronous AS Value FROM pragma_synchronous").SingleAsync());
        Assert.Equal("wal", await db.Database.SqlQuery<string>($"SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync());
    }

    private static ContainerRegistry NewRegistry(string name) => new() { Name = name, CreatedAt = DateTime.UnixEpoch, CreatedBy = "test" };
}
