using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Data;
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
}
