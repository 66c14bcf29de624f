using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;

namespace Ncr.Core.Paging;

/// <summary>A column that a list can be sorted by, its rows' ids deciding between equals; so that a page can begin anywhere by a look into an index.</summary>
internal abstract class SortColumn<TEntity>
{
    /// <summary>The name that requests ask for it by.</summary>
    public required string Name { get; init; }

    /// <summary>Rows in this order, each as its cursor.</summary>
    public abstract IQueryable<Cursor> Read(IQueryable<TEntity> query, Expression<Func<TEntity, long>> id, bool descending, Cursor? after);
}

/// <inheritdoc/>
internal sealed class SortColumn<TEntity, TKey>(Expression<Func<TEntity, TKey>> key) : SortColumn<TEntity>
{
    private static readonly MethodInfo CompareTexts = typeof(string).GetMethod(nameof(string.Compare), [typeof(string), typeof(string)])!;

    public override IQueryable<Cursor> Read(IQueryable<TEntity> query, Expression<Func<TEntity, long>> id, bool descending, Cursor? after)
    {
        if (after is not null && TryRead(after, out var value))
        {
            query = query.Where(After(id, descending, value, after.Id));
        }

        var ordered = descending ? query.OrderByDescending(key).ThenByDescending(id) : query.OrderBy(key).ThenBy(id);
        return ordered.Select(Select(id));
    }

    /// <remarks>
    /// The first condition alone bounds the walk over the index; the second passes over what was before it among equals. Of texts and times that may be
    /// missing (those come first) the index is walked from its end: that is cheap enough for what has few rows before it.
    /// </remarks>
    private Expression<Func<TEntity, bool>> After(Expression<Func<TEntity, long>> id, bool descending, TKey value, long lastId)
    {
        var row = key.Parameters[0];
        var keyOf = key.Body;
        var idOf = new Replace(id.Parameters[0], row).Visit(id.Body);
        var last = Expression.Property(Expression.Constant(new Box<TKey>(value)), nameof(Box<TKey>.Value)); // As a parameter, so that one plan serves all pages.
        var laterId = Compare(idOf, Expression.Property(Expression.Constant(new Box<long>(lastId)), nameof(Box<long>.Value)), descending, orEqual: false);
        Expression body;
        if (default(TKey) is not null || typeof(TKey) == typeof(string))
        {
            body = Expression.AndAlso(Compare(keyOf, last, descending, orEqual: true), Expression.OrElse(Compare(keyOf, last, descending, orEqual: false), laterId));
        }
        else
        {
            var isMissing = Expression.Equal(keyOf, Expression.Constant(null, typeof(TKey)));
            body = (value is null, descending) switch
            {
                (true, true) => Expression.AndAlso(isMissing, laterId),
                (true, false) => Expression.OrElse(Expression.Not(isMissing), laterId),
                (false, true) => Expression.OrElse(isMissing, Later()),
                _ => Later(),
            };

            Expression Later() => Expression.OrElse(Compare(keyOf, last, descending, orEqual: false), Expression.AndAlso(Expression.Equal(keyOf, last), laterId));
        }

        return Expression.Lambda<Func<TEntity, bool>>(body, row);
    }

    private Expression<Func<TEntity, Cursor>> Select(Expression<Func<TEntity, long>> id)
    {
        var row = key.Parameters[0];
        var constructor = typeof(Cursor).GetConstructor([typeof(long), typeof(object)])!;
        return Expression.Lambda<Func<TEntity, Cursor>>(
            Expression.New(constructor, new Replace(id.Parameters[0], row).Visit(id.Body), Expression.Convert(key.Body, typeof(object))), row);
    }

    private static BinaryExpression Compare(Expression left, Expression right, bool descending, bool orEqual)
    {
        if (left.Type == typeof(string))
        {
            (left, right) = (Expression.Call(CompareTexts, left, right), Expression.Constant(0));
        }

        return (descending, orEqual) switch
        {
            (true, true) => Expression.LessThanOrEqual(left, right),
            (true, false) => Expression.LessThan(left, right),
            (false, true) => Expression.GreaterThanOrEqual(left, right),
            _ => Expression.GreaterThan(left, right),
        };
    }

    private static bool TryRead(Cursor cursor, out TKey value)
    {
        value = default!;
        var type = Nullable.GetUnderlyingType(typeof(TKey)) ?? typeof(TKey);
        if (cursor.Key is not string text)
        {
            return cursor.Key is null && default(TKey) is null && type != typeof(string);
        }

        object? read = type == typeof(string) ? text
            : type == typeof(DateTime) ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks, DateTimeKind.Utc) : null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (type == typeof(long) || (int)number == number) ? Convert.ChangeType(number, type, CultureInfo.InvariantCulture)
            : null;
        if (read is not TKey found)
        {
            return false;
        }

        value = found;
        return true;
    }

    private sealed record Box<T>(T Value);

    private sealed class Replace(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
