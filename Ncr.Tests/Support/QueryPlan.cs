using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Ncr.Tests.Support;

/// <summary>How the database means to answer a query.</summary>
internal static class QueryPlan
{
    public static async Task<List<string>> ExplainAsync(this DbContext db, IQueryable query)
    {
        await db.Database.OpenConnectionAsync();
        await using var command = query.CreateDbCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync())
        {
            steps.Add(reader.GetString(3));
        }

        return steps;
    }
}
