using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Data;

/// <summary>What becomes of those who share a transaction when the database fails in it.</summary>
public sealed class WriteGateFailureTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private WriteGate Gate => fixture.Server.Services.GetRequiredService<WriteGate>();

    [Fact]
    public async Task Run_WhenTheDatabaseIsFull_KeepsExactlyWhatWasConfirmed()
    {
        var mark = $"full-{Guid.NewGuid():N}";
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            try
            {
                return await Gate.RunAsync(
                    async (db, token) =>
                    {
                        if (i == 40)
                        {
                            // From here on this connection's file may not grow.
                            await db.Database.ExecuteSqlRawAsync("PRAGMA max_page_count=1", token);
                        }

                        db.Registries.Add(NewRegistry($"{mark}-{i:000}"));
                        await db.SaveChangesAsync(token);
                        if (i >= 40)
                        {
                            await db.Database.ExecuteSqlAsync($"INSERT INTO \"Manifests\" (\"Digest\", \"Payload\") VALUES ({mark + i}, zeroblob(2000000))", token);
                        }

                        return $"{mark}-{i:000}";
                    },
                    CancellationToken.None);
            }
            catch (Exception exception) when (StorageFailure.Recognise(exception) is { Error: NcrError.StorageFull })
            {
                return null;
            }
        }));

        Assert.Contains(outcomes, o => o is null);
        await Gate.RunAsync(
            async (db, token) =>
            {
                await db.Database.ExecuteSqlRawAsync("PRAGMA max_page_count=1073741823", token);
                db.Registries.Add(NewRegistry($"{mark}-after"));
                return true;
            },
            CancellationToken.None);
        Assert.Equal(outcomes.OfType<string>().Append($"{mark}-after").Order(StringComparer.Ordinal), await NamesAsync(mark));
    }

    [Fact]
    public async Task Run_WhenTheTransactionIsLostUnderThem_ConfirmsNobody()
    {
        var mark = $"lost-{Guid.NewGuid():N}";
        var started = new TaskCompletionSource();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await Gate.RunAsync(
                    async (db, token) =>
                    {
                        db.Registries.Add(NewRegistry($"{mark}-{i:00}"));
                        await db.SaveChangesAsync(token);
                        if (i == 0)
                        {
                            await started.Task; // So that the others ride in the same transaction.
                        }

                        if (i == 10)
                        {
                            // What SQLite does by itself after some I/O errors.
                            await db.Database.ExecuteSqlRawAsync("ROLLBACK", token);
                            throw new IOException("The disk failed.", 5);
                        }

                        return true;
                    },
                    CancellationToken.None);
                return i;
            }
            catch (Exception exception) when (exception is IOException or SqliteException)
            {
                return -1;
            }
            finally
            {
                started.TrySetResult();
            }
        }).Append(Task.Run(async () =>
        {
            await Task.Delay(300);
            started.TrySetResult();
            return -1;
        })));

        Assert.Equal(outcomes.Where(i => i >= 0).Select(i => $"{mark}-{i:00}").Order(StringComparer.Ordinal), await NamesAsync(mark));
        await Gate.RunAsync(
            (db, _) =>
            {
                db.Registries.Add(NewRegistry($"{mark}-zz"));
                return Task.FromResult(true);
            },
            CancellationToken.None);
        Assert.Contains($"{mark}-zz", await NamesAsync(mark));
    }

    private async Task<List<string>> NamesAsync(string mark)
    {
        await using var db = await fixture.Server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        return await db.Registries.Where(r => r.Name.StartsWith(mark)).Select(r => r.Name).OrderBy(n => n).ToListAsync();
    }

    private static ContainerRegistry NewRegistry(string name) => new() { Name = name, CreatedBy = "test", CreatedAt = DateTime.UnixEpoch };
}
