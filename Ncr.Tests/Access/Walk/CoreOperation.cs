using System.Linq.Expressions;
using System.Reflection;
using Ncr.Core.Access;
using Ncr.Core.Errors;

namespace Ncr.Tests.Access.Walk;

/// <summary>A command of the core, and who may.</summary>
internal sealed class CoreOperation
{
    private readonly Func<CoreTarget, object?> _run;

    /// <param name="roles">Roles that may.</param>
    /// <param name="reach">Where they count.</param>
    /// <param name="call">The call and nothing else: the table's entry is named by what it calls, and so can't name another.</param>
    public CoreOperation(RoleGroup roles, Reach reach, Expression<Func<CoreTarget, object?>> call)
    {
        (Roles, Reach, _run) = (roles, reach, call.Compile());
        var body = call.Body is UnaryExpression { NodeType: ExpressionType.Convert } convert ? convert.Operand : call.Body;
        Method = ((MethodCallExpression)body).Method;
    }

    public RoleGroup Roles { get; }

    public Reach Reach { get; }

    public MethodInfo Method { get; }

    /// <summary>What makes this one different from others of the same method.</summary>
    public string? Case { get; init; }

    /// <summary>Whether who was allowed leaves another target behind.</summary>
    public bool Changes { get; init; }

    /// <summary>How a user is refused.</summary>
    public NcrError Refusal { get; init; } = NcrError.Denied;

    /// <summary>What may keep it from being done after who asks was let through.</summary>
    public NcrError? Obstacle { get; init; }

    /// <summary>Makes what the call needs, as the administrator.</summary>
    public Func<CoreTarget, Task> Prepare { get; init; } = _ => Task.CompletedTask;

    public override string ToString() => NameOf(Method) + (Case is null ? "" : $", {Case}");

    public static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    /// <summary>Carries it out.</summary>
    /// <returns>Why not; null when it was done.</returns>
    public async Task<Exception?> RunAsync(CoreTarget target)
    {
        await Prepare(target);
        return await Record.ExceptionAsync(async () =>
        {
            var answer = _run(target);
            if (answer is Task task)
            {
                await task;
                answer = task.GetType().GetProperty("Result")?.GetValue(task);
            }
            else if (answer is IAsyncEnumerable<object> rows)
            {
                await using var first = rows.GetAsyncEnumerator();
                await first.MoveNextAsync();
            }

            await (answer is IAsyncDisposable opened ? opened.DisposeAsync() : ValueTask.CompletedTask);
        });
    }

    /// <summary>Whether it went for somebody as the table says.</summary>
    public bool IsRight(Caller caller, Exception? outcome) =>
        caller.May(Roles, Reach) ? outcome is null || (outcome is NcrException obstacle && obstacle.Error == Obstacle)
        : outcome is NcrException refusal && (refusal.Error == (caller.IsUser ? Refusal : NcrError.Denied) || (!caller.IsUser && refusal.Error == NcrError.Unauthenticated));
}
