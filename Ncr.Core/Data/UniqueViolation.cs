using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Ncr.Core.Data;

/// <summary>Recognises the database's refusal of a second row with the same unique value.</summary>
internal static class UniqueViolation
{
    private const int SqliteConstraintUnique = 2067;

    public static bool IsUniqueViolation(this DbUpdateException exception) =>
        exception.InnerException is SqliteException { SqliteExtendedErrorCode: SqliteConstraintUnique };
}
