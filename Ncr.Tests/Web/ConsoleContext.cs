using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Ncr.Core.Access;
using Ncr.Core.Hosting;
using Ncr.Web.Account;
using Ncr.Web.Components;

namespace Ncr.Tests.Web;

/// <summary>What components need to be rendered by themselves. It goes asynchronously, since a service of MudBlazor can do no other.</summary>
public abstract class ConsoleContext : IAsyncLifetime
{
    protected static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    protected ConsoleContext()
    {
        Context.Services.AddMudServices();
        Context.Services.AddSingleton(new NcrOptions { PublicAddress = "https://registry.example.com" });
        Context.Services.AddSingleton<TimeProvider>(new FixedTime(Now));
        Context.Services.AddSingleton(s => new PrivateEntrance(s.GetRequiredService<NcrOptions>()));
        Context.Services.AddScoped<CurrentActor>();
        Context.Services.AddScoped<ServerAddress>();
        Context.AddAuthorization().SetAuthorized("admin");
        Context.Services.AddScoped<MinuteTicker>();
        Context.JSInterop.Mode = JSRuntimeMode.Loose;
    }

    protected BunitContext Context { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Context.DisposeAsync().AsTask();

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
