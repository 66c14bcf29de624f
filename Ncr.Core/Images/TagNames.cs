using System.Buffers;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>
/// The index of the groups of three characters that tags' names hold. Triggers keep it true (see the migration <c>TagNameIndex</c>); all that only SQLite understands of it is here.
/// </summary>
/// <remarks>It says nothing of where in a name a group stands, and knows no images: whoever asks it compares the names once more.</remarks>
internal static class TagNames
{
    /// <summary>Shorter parts it can't find.</summary>
    public const int GroupLength = 3;

    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>Whether a tag's name can hold this.</summary>
    public static bool CanHold(string part) => part.Length <= TagName.MaxLength && !part.AsSpan().ContainsAnyExcept(Characters);

    /// <summary>Whether the index has at most so many tags, of all images, for a part.</summary>
    public static async Task<bool> HasAtMostAsync(NcrDbContext db, string part, int count, CancellationToken cancellationToken)
    {
        var groups = GroupsOf(part);
        return await db.Database.SqlQuery<int>($"""SELECT count(*) AS "Value" FROM (SELECT 1 FROM "TagNames" WHERE "TagNames" MATCH {groups} LIMIT {count + 1}) AS h""").SingleAsync(cancellationToken) <= count;
    }

    /// <summary>The newest tags, of all images, that the index has for a part.</summary>
    public static IQueryable<Tag> Find(NcrDbContext db, string part, int take)
    {
        // A cross join is made in the order that it is written in: each hit is looked up, instead of each tag in the hits.
        var groups = GroupsOf(part);
        return db.Tags.FromSql(
            $"""
            SELECT t.* FROM (SELECT rowid AS "TagId" FROM "TagNames" WHERE "TagNames" MATCH {groups} ORDER BY rowid DESC LIMIT {take}) AS h
            CROSS JOIN "Tags" AS t ON t."Id" = h."TagId"
            """);
    }

    private static string GroupsOf(string part)
    {
        if (part.Length < GroupLength || !CanHold(part))
        {
            throw new ArgumentException("The index can't be asked for this.", nameof(part));
        }

        // Between quotes nothing that a tag can hold means anything else than itself.
        return string.Join(" AND ", Enumerable.Range(0, part.Length - GroupLength + 1).Select(i => part.Substring(i, GroupLength).ToLowerInvariant()).Distinct().Select(g => $"\"{g}\""));
    }
}
