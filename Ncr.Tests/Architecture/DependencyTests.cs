using System.Reflection;
using Microsoft.AspNetCore.Components;
using Ncr.Core;
using Ncr.Registry;
using Ncr.Web.Hosting;

namespace Ncr.Tests.Architecture;

public sealed class DependencyTests
{
    private static readonly Assembly Core = typeof(NcrCoreExtensions).Assembly;
    private static readonly Assembly Registry = typeof(NcrRegistryExtensions).Assembly;
    private static readonly Assembly Web = typeof(NcrServerHost).Assembly;

    [Fact]
    public void Core_KnowsNothingOfHttpPagesOrHosts()
    {
        var names = NamesOf(Core);

        Assert.DoesNotContain(names, n => n.StartsWith("Ncr.", StringComparison.Ordinal));
        Assert.DoesNotContain(names, n => n.StartsWith("Microsoft.AspNetCore.Http", StringComparison.Ordinal));
        Assert.DoesNotContain(names, n => n.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal));
        Assert.DoesNotContain(names, n => n.StartsWith("Microsoft.AspNetCore.Routing", StringComparison.Ordinal));
        Assert.DoesNotContain("MudBlazor", names);
    }

    /// <summary>A part of a page that comes or goes with the address makes Blazor fail when it takes values from there itself: the set of those is being walked then.</summary>
    [Fact]
    public void Components_ThatTakeValuesFromTheAddress_ArePages() =>
        Assert.DoesNotContain(Web.GetTypes(), t => t.GetCustomAttribute<RouteAttribute>() is null
            && t.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Any(p => p.GetCustomAttribute<SupplyParameterFromQueryAttribute>() is not null));

    [Fact]
    public void Registry_KnowsCoreAlone_AndNeitherTheDatabaseNorPages()
    {
        var names = NamesOf(Registry);

        Assert.Equal(["Ncr.Core"], names.Where(n => n.StartsWith("Ncr.", StringComparison.Ordinal)));
        Assert.DoesNotContain(names, n => n.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) || n.StartsWith("Microsoft.Data", StringComparison.Ordinal));
        Assert.DoesNotContain(names, n => n.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal));
        Assert.DoesNotContain("System.IO.FileSystem", names);
    }

    [Fact]
    public void Web_KnowsBoth_AndNeverTheDatabase()
    {
        var names = NamesOf(Web);

        Assert.Equal(["Ncr.Core", "Ncr.Registry"], names.Where(n => n.StartsWith("Ncr.", StringComparison.Ordinal)).Order());
        Assert.DoesNotContain(names, n => n.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) || n.StartsWith("Microsoft.Data", StringComparison.Ordinal));
    }

    [Fact]
    public void Core_HandsOutNoEntities()
    {
        var entities = Core.GetTypes().Where(t => t.GetNestedType("Configuration", BindingFlags.NonPublic) is not null).ToList();

        Assert.True(entities.Count >= 10, "The entities were not found: has their layout changed?");
        Assert.DoesNotContain(entities, t => t.IsPublic);
    }

    private static List<string> NamesOf(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(a => a.Name!)];
}
