using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Deletions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Images;

/// <summary>The index of tags' names says at any time what the table of tags says.</summary>
public sealed class TagNamesTests(DeletionSetup setup) : IClassFixture<DeletionSetup>
{
    private const string Integrity = """INSERT INTO "TagNames"("TagNames", rank) VALUES ('integrity-check', 1)""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Index_AfterWhateverHappensToTags_AgreesWithTheTable(int seed)
    {
        var random = new Random(seed);
        var images = new[] { await setup.NewImageAsync(), await setup.NewImageAsync() };
        var built = Enumerable.Range(0, 4).Select(_ => new ImageBuilder(1)).ToList();
        var wasThere = new HashSet<string>();
        for (var i = 0; i < 120; i++)
        {
            var image = images[random.Next(images.Length)];
            var name = ImageName.Parse(image.Name);
            var tag = $"{(char)('a' + random.Next(4))}.{(random.Next(2) == 0 ? "Twin" : "twin")}-{random.Next(4)}";
            var digest = Oci.Digest(built[random.Next(built.Count)].Build());
            var what = random.Next(10);
            try
            {
                await (what switch
                {
                    < 4 => image.PushAsync(built[random.Next(built.Count)], tag),
                    4 => setup.Tags.DeleteAsync(setup.Admin, name, tag, CancellationToken.None),
                    5 => setup.Tags.CreateAsync(setup.Admin, name, Digest.Parse(digest), tag, CancellationToken.None),
                    6 => setup.Tags.MoveAsync(setup.Admin, name, tag, Digest.Parse(digest), CancellationToken.None),
                    7 => setup.Artifacts.DeleteAsync(setup.Admin, name, Digest.Parse(digest), withParts: true, CancellationToken.None),
                    8 => random.Next(3) == 0 ? setup.Images.DeleteAsync(setup.Admin, name, CancellationToken.None) : RestoreAnyAsync(image, random),
                    _ => random.Next(3) == 0 ? PurgeAnyAsync(image, random) : RestoreAnyAsync(image, random),
                });
                wasThere.Add($"{what} done");
            }
            catch (NcrException)
            {
                wasThere.Add($"{what} refused"); // It is not there, or there already.
            }

            await AssertAgreesAsync();
        }

        Assert.True(wasThere.Count(w => w.EndsWith("done", StringComparison.Ordinal)) >= 8, string.Join(", ", wasThere));
    }

    [Fact]
    public async Task Tag_DeletedRestoredRenamed_LeavesAndEntersTheIndex()
    {
        var image = await setup.NewImageAsync();
        var name = ImageName.Parse(image.Name);
        var word = $"w{Guid.NewGuid():n}"[..12];
        var pushed = await image.PushAsync(new ImageBuilder(1), $"v-{word}");
        Assert.Equal(1, await CountAsync(word));

        await setup.Tags.DeleteAsync(setup.Admin, name, $"v-{word}", CancellationToken.None);
        Assert.Equal(0, await CountAsync(word));

        await setup.RestoreAsync((await setup.FindAsync(image.Name)).Id);
        Assert.Equal(1, await CountAsync(word));

        await setup.QueryAsync(db => db.Tags.Where(t => t.Name == $"v-{word}").ExecuteUpdateAsync(s => s.SetProperty(t => t.Name, "other")));
        Assert.Equal(0, await CountAsync(word));
        await AssertAgreesAsync();

        Assert.Equal(1, await setup.Artifacts.DeleteAsync(setup.Admin, name, Digest.Parse(pushed.Digest), withParts: true, CancellationToken.None));
        await setup.Deletions.PurgeAsync(setup.Admin, (await setup.FindAsync(image.Name)).Id, CancellationToken.None);
        await AssertAgreesAsync();
    }

    [Fact]
    public async Task Tag_ThatMoves_LeavesTheIndexAlone()
    {
        var image = await setup.NewImageAsync();
        var (one, two) = (new ImageBuilder(1), new ImageBuilder(1));
        await image.PushAsync(one, "v1.0");
        await image.PushAsync(two, "v2.0");
        var before = await ReadAsync();

        await image.PushAsync(two, "v1.0");

        Assert.Equal(before, await ReadAsync());
        await image.PushAsync(two, "v3.0");
        Assert.NotEqual(before, await ReadAsync());

        Task<string> ReadAsync() => setup.QueryAsync(db => db.Database.SqlQuery<string>($"""SELECT group_concat(id || ':' || hex(block)) AS "Value" FROM "TagNames_data" """).SingleAsync());
    }

    [Fact]
    public async Task Migration_FillsTheIndex_AndCanBeTakenBack()
    {
        var file = Path.Combine(Path.GetTempPath(), $"ncr-{Guid.NewGuid():n}.db");
        try
        {
            await using var db = new NcrDbContext(new DbContextOptionsBuilder<NcrDbContext>().UseSqlite($"Data Source={file};Pooling=False;Foreign Keys=False").Options);
            var migrator = db.GetService<IMigrator>();
            await migrator.MigrateAsync("Console");
            await db.Database.ExecuteSqlAsync($"""INSERT INTO "Tags" ("ImageId", "Name", "ArtifactId", "PushedAt", "PushedBy") VALUES (1, 'before', 1, '2026-01-01', 'a')""");

            await migrator.MigrateAsync();
            await db.Database.ExecuteSqlAsync($"""INSERT INTO "Tags" ("ImageId", "Name", "ArtifactId", "PushedAt", "PushedBy") VALUES (1, 'BEFOREhand', 1, '2026-01-01', 'a')""");

            Assert.Equal(["before", "BEFOREhand"], await TagNames.Find(db, "efore", 10).OrderBy(t => t.Id).Select(t => t.Name).ToListAsync());
            await db.Database.ExecuteSqlRawAsync(Integrity);
            await migrator.MigrateAsync("Console");
            Assert.Equal(1, await db.Tags.Where(t => t.Name == "before").ExecuteDeleteAsync());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task RestoreAnyAsync(RegistryClient image, Random random)
    {
        if (await AnyAsync(image, random) is { } id)
        {
            await setup.RestoreAsync(id);
        }
    }

    private async Task PurgeAnyAsync(RegistryClient image, Random random)
    {
        if (await AnyAsync(image, random) is { } id)
        {
            await setup.Deletions.PurgeAsync(setup.Admin, id, CancellationToken.None);
        }
    }

    private async Task<long?> AnyAsync(RegistryClient image, Random random)
    {
        var rows = (await setup.Deletions.ListAsync(setup.Admin, new PageRequest(Search: image.Name), CancellationToken.None)).Items;
        return rows.Count == 0 ? null : rows[random.Next(rows.Count)].Id;
    }

    private Task<int> CountAsync(string part) => setup.QueryAsync(db => TagNames.Find(db, part, 10).CountAsync());

    /// <summary>SQLite compares what the index holds with what it would hold if it were made from the table now.</summary>
    private async Task AssertAgreesAsync()
    {
        var failure = await setup.QueryAsync<SqliteException?>(async db =>
        {
            try
            {
                await db.Database.ExecuteSqlRawAsync(Integrity);
                return null;
            }
            catch (SqliteException exception)
            {
                return exception;
            }
        });
        Assert.Null(failure);
    }
}
