using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Ncr.Core.Data;

/// <summary>
/// SQL for the few statements that run at each push: prepared once a connection, where EF Core would translate a query and track entities each
/// time (4 to 8 times the cost, measured). Statements are what SQLite and PostgreSQL both take, with parameters @0, @1, ….
/// </summary>
internal sealed class Sql(DbContext db)
{
    private readonly Dictionary<string, DbCommand> _commands = [];

    /// <summary>Rows changed.</summary>
    public Task<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQueryAsync();

    /// <summary>The first column of the first row; null when there is no row.</summary>
    public async Task<T?> ScalarAsync<T>(string sql, params object?[] values)
        where T : struct =>
        await Prepare(sql, values).ExecuteScalarAsync() is T value ? value : null;

    /// <summary>The first row, or the default when there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, params object?[] values)
    {
        await using var reader = await Prepare(sql, values).ExecuteReaderAsync();
        return await reader.ReadAsync() ? read(reader) : default;
    }

    /// <summary>Forgets the statements; before the connection closes.</summary>
    public void Clear()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _commands.Clear();
    }

    private DbCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@{i}";
                command.Parameters.Add(parameter);
            }

            _commands[sql] = command;
        }

        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }
}
