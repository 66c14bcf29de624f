using System.Globalization;
using Ncr.Core.Data;

namespace Ncr.Core.Figures;

/// <summary>The pieces of write transactions that count a day's pushes and pulls.</summary>
internal static class DailyFigures
{
    public static Task AddPushAsync(NcrDbContext db, long registryId, DateTime now) => db.Sql.ExecuteAsync(
        """
        INSERT INTO "DailyFigures" ("Day", "RegistryId", "Pushes", "Pulls") VALUES (@0, @1, 1, 0)
        ON CONFLICT ("Day", "RegistryId") DO UPDATE SET "Pushes" = "DailyFigures"."Pushes" + 1
        """,
        DayOf(now),
        registryId);

    public static Task AddPullsAsync(NcrDbContext db, long imageId, long count, DateTime last) => db.Sql.ExecuteAsync(
        """
        INSERT INTO "DailyFigures" ("Day", "RegistryId", "Pushes", "Pulls") SELECT @0, "RegistryId", 0, @2 FROM "Images" WHERE "Id" = @1
        ON CONFLICT ("Day", "RegistryId") DO UPDATE SET "Pulls" = "DailyFigures"."Pulls" + excluded."Pulls"
        """,
        DayOf(last),
        imageId,
        count);

    /// <summary>As EF Core writes it.</summary>
    public static string TextOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string DayOf(DateTime now) => TextOf(DateOnly.FromDateTime(now));
}
