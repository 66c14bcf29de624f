using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Data;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Support;

namespace Ncr.Tests.Audit;

/// <summary>What tests of the audit do first.</summary>
internal static class AuditSteps
{
    /// <summary>The newest events that somebody sees, after all that gathers in memory was written.</summary>
    public static async Task<IReadOnlyList<AuditRow>> AuditAsync(this NcrServer server, Actor actor, AuditFilter filter, int take = 100)
    {
        await server.FlushEventsAsync();
        return (await server.Services.GetRequiredService<AuditService>().ListAsync(actor, filter, new PageRequest(take), CancellationToken.None)).Items;
    }

    public static async Task FlushEventsAsync(this NcrServer server)
    {
        await server.Services.GetRequiredService<PullRecorder>().FlushAsync();
        await server.Services.GetRequiredService<RefusalLog>().FlushAsync();
    }

    public static async Task<NcrDbContext> OpenDatabaseAsync(this NcrServer server) =>
        await server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();

    /// <summary>Changes the database past all services, as no user can.</summary>
    public static Task WriteAsync(this NcrServer server, Func<NcrDbContext, Task> write) =>
        server.Services.GetRequiredService<WriteGate>().RunAsync(
            async (db, _) =>
            {
                await write(db);
                return true;
            },
            CancellationToken.None);

    /// <summary>Events that differ in their tags only.</summary>
    public static async Task AddManyAsync(this NcrDbContext db, string registry, int count, string type, DateTime? at = null)
    {
        var actor = new Actor(null, "somebody", "192.0.2.9");
        var log = new EventLog(new ChangeFeed(NullLogger<ChangeFeed>.Instance), TimeProvider.System);
        for (var i = 0; i < count; i++)
        {
            await log.AddAsync(db, actor, type, registry, $"{registry}/app", $"v{i}", null, null, at);
        }
    }
}
