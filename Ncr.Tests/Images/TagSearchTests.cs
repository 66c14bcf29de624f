using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Deletions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Images;

/// <summary>Tags by a part of their names, in an image with so many that each way of looking is taken.</summary>
public sealed class TagSearchTests(TagSearchTests.ManyTags many) : IClassFixture<TagSearchTests.ManyTags>
{
    /// <summary>An image with a few tags among many; another with as many, so that the index finds much that the first one has not.</summary>
    public sealed class ManyTags : IAsyncLifetime
    {
        public const int Count = TagSearch.Few + 2_000;

        private static readonly string[] Few = ["needle.1", "Needle.2", "xx-NEEDLE_3", "a_b.c-d", "axb.c-d", "latest", "Zz", "build-000007-twin", "only-here-1"];

        public DeletionSetup Setup { get; } = new();

        public RegistryClient Image { get; private set; } = null!;

        public List<string> Names { get; } = [];

        /// <summary>The digest that a few tags name; the many name another.</summary>
        public string FewDigest { get; private set; } = "";

        public string ManyDigest { get; private set; } = "";

        public async Task InitializeAsync()
        {
            await Setup.InitializeAsync();
            Image = await Setup.NewImageAsync();
            ManyDigest = (await Image.PushAsync(new ImageBuilder(1), "many")).Digest;
            var built = new ImageBuilder(1);
            foreach (var tag in Few)
            {
                FewDigest = (await Image.PushAsync(built, tag)).Digest;
            }

            await AddAsync(Image.Name, ManyDigest, "build-");
            Names.AddRange(Few);
            Names.Add("many");
            Names.AddRange(Enumerable.Range(1, Count).Select(i => $"build-{i:000000}"));
            var other = await Setup.NewImageAsync();
            await AddAsync(other.Name, (await other.PushAsync(new ImageBuilder(1), "many")).Digest, "only-");
        }

        public Task DisposeAsync() => Setup.DisposeAsync();

        private Task<int> AddAsync(string image, string digest, string start) => Setup.QueryAsync(async db =>
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Count})
                INSERT INTO "Tags" ("ImageId", "Name", "ArtifactId", "PushedAt", "PushedBy")
                SELECT a."ImageId", {start} || printf('%06d', i), a."Id", a."PushedAt", 'test' FROM n, "Artifacts" a JOIN "Images" m ON m."Id" = a."ImageId" WHERE m."Name" = {image} AND a."Digest" = {digest}
                """);
            return await db.Database.ExecuteSqlAsync($"""UPDATE "Images" SET "TagCount" = "TagCount" + {Count} WHERE "Name" = {image}""");
        });
    }

    public static TheoryData<string> Parts =>
        ["needle", "NEEDLE", "dle.", "le_3", " needle.1 ", "a_b", "A_B.C", "zz", "Z", "x-", "qq", "build", "BUILD-00", "000007", "7-twin", "late", "only", "only-here", "nothing-like-it", "%", "a%b", "_", "a*b", "*", "\"", "'", "a\"b\"c", "a' OR 'b", "\\", "(bui", "NEAR", "nee AND dle", "ü", "Needle.2 "];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Search_FindsWhatHoldsThePart_WhateverItsCase(string part)
    {
        var expected = many.Names.Where(n => n.Contains(part.Trim(), StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();

        foreach (var (sort, descending) in new[] { ("Name", false), ("Name", true), ("PushedAt", true) })
        {
            var first = await ListAsync(new PageRequest(10, part, sort, descending));
            var found = first.Items.Select(r => r.Name).ToList();
            if (first.Next is not null)
            {
                found.AddRange((await ListAsync(new PageRequest(10, part, sort, descending, After: first.Next))).Items.Select(r => r.Name));
            }

            Assert.Equal(Math.Min(20, expected.Count), found.Distinct().Count());
            Assert.Empty(found.Except(expected));
            if (sort == "Name")
            {
                Assert.Equal((descending ? Enumerable.Reverse(expected) : expected).Take(20), found);
            }

            AssertTotal(first, expected.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Search_OfAnArtifactsTags_FindsTheSame(string part)
    {
        var expected = many.Names.Where(n => n.StartsWith("build-0", StringComparison.Ordinal) && n.Length == 12 || n == "many")
            .Where(n => n.Contains(part.Trim(), StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();

        var page = await many.Setup.Tags.ListOfArtifactAsync(many.Setup.Admin, ImageName.Parse(many.Image.Name), Digest.Parse(many.ManyDigest), new PageRequest(10, part), CancellationToken.None);

        Assert.Equal(expected.Take(10), page.Items.Select(r => r.Name));
        AssertTotal(page, expected.Count);
    }

    [Theory]
    [InlineData("needle", true, false)]
    [InlineData("NEEDLE_3", true, false)]
    [InlineData("only", true, false)]
    [InlineData("zz", true, false)]
    [InlineData("build-000007", true, true)]
    [InlineData("build-0000", true, true)]
    [InlineData("BUILD-02", false, true)]
    [InlineData("001", false, true)]
    [InlineData("qq", false, false)]
    [InlineData("%", false, false)]
    public async Task Search_OfArtifacts_GoesByTheirTags(string part, bool few, bool most)
    {
        var found = await FindArtifactsAsync(part);

        Assert.Equal((few, most), (found.Contains(many.FewDigest), found.Contains(many.ManyDigest)));
    }

    [Fact]
    public async Task Search_OfArtifacts_GoesByTheStartOfTheirDigests()
    {
        var hex = Digest.Parse(many.FewDigest).Hex;

        foreach (var typed in new[] { hex[..9], hex[..9].ToUpperInvariant(), $"sha256:{hex[..9]}", $"SHA256:{hex[..9].ToUpperInvariant()}", many.FewDigest })
        {
            Assert.Equal([many.FewDigest], await FindArtifactsAsync(typed));
        }

        Assert.Empty(await FindArtifactsAsync(hex[1..20])); // A digest is known by its start, not by a part.
    }

    private static void AssertTotal(PageOf<TagRow> page, int count, [CallerArgumentExpression(nameof(count))] string? what = null)
    {
        if (page.IsTotalCut)
        {
            Assert.InRange(page.Total, page.Items.Count, count - 1); // "More than that."
            Assert.True(count > Keyset.MaxCounted || page.Total < count, what);
        }
        else
        {
            Assert.Equal(count, page.Total);
        }
    }

    private Task<PageOf<TagRow>> ListAsync(PageRequest page) => many.Setup.Tags.ListAsync(many.Setup.Admin, ImageName.Parse(many.Image.Name), page, CancellationToken.None);

    private async Task<List<string>> FindArtifactsAsync(string text) =>
        [.. (await many.Setup.Artifacts.ListAsync(many.Setup.Admin, ImageName.Parse(many.Image.Name), new PageRequest(Search: text), CancellationToken.None)).Items.Select(r => r.Digest)];
}
