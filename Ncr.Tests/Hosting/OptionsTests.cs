using Microsoft.Extensions.Configuration;
using Ncr.Core.Hosting;

namespace Ncr.Tests.Hosting;

public sealed class OptionsTests
{
    [Fact]
    public void Read_WithNothingSet_HasTheDefaults()
    {
        var options = Read([]);

        Assert.Equal("./data", options.DataPath);
        Assert.Equal(TimeSpan.FromHours(12), options.TokenLifetime);
        Assert.False(options.AllowMissingChildren);
        Assert.Empty(options.ReverseProxy.AddressList);
    }

    [Fact]
    public void Read_WithManyFaults_NamesThemAll()
    {
        var exception = Assert.Throws<StartupException>(() => Read(new()
        {
            ["Ncr:DataPaht"] = "/somewhere",
            ["Ncr:TokenLifetime"] = "soon",
            ["Ncr:AllowMissingChildren"] = "perhaps",
            ["Ncr:PublicAddress"] = "registry.example.com",
            ["Ncr:Https:CertificatePath"] = "/nowhere/cert.pem",
            ["Ncr:ReverseProxy:Addresses"] = "10.0.0.1, proxy",
            ["Ncr:Setup:User"] = "admin",
            ["Ncr:Setup:Password"] = "short",
            ["Ncr:Setup:AccessKey"] = "abc",
            ["Ncr:Setup:Registries"] = "team,BAD",
        }));

        Assert.Contains("DataPaht is not a setting", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'soon'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'perhaps', which is no true or false", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Ncr:PublicAddress", exception.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/cert.pem", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'proxy'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Ncr:Setup:Password", exception.Message, StringComparison.Ordinal);
        Assert.Contains("go together", exception.Message, StringComparison.Ordinal);
        Assert.Contains("8 to 64", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'BAD'", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("short", exception.Message.Replace("shorter", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00:00:10")]
    [InlineData("12:00:01")]
    public void Read_WithATokenLifetimeOutOfRange_IsRefused(string lifetime) =>
        Assert.Contains("TokenLifetime", Assert.Throws<StartupException>(() => Read(new() { ["Ncr:TokenLifetime"] = lifetime })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Grace", "00:00:00")]
    [InlineData("Grace", "31.00:00:00")]
    [InlineData("Interval", "00:00:00.5")]
    [InlineData("Pace", "0")]
    [InlineData("UploadLifetime", "-1.00:00:00")]
    public void Read_WithACollectionSettingOutOfRange_IsRefused(string name, string value) =>
        Assert.Contains($"Ncr:Collection:{name}", Assert.Throws<StartupException>(() => Read(new() { [$"Ncr:Collection:{name}"] = value })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("ShutdownTimeout", "-00:00:01")]
    [InlineData("ShutdownTimeout", "01:00:01")]
    [InlineData("ShutdownTimeout", "soon")]
    [InlineData("MinFreeSpace", "-1")]
    [InlineData("MinFreeSpace", "much")]
    [InlineData("MinFreeSpace", "5 parsecs")]
    [InlineData("Metrics:Token", "fifteen-letters")]
    [InlineData("Metrics:AllowAnonymous", "maybe")]
    [InlineData("Otlp:Endpoint", "collector:4318")]
    [InlineData("Otlp:Endpoint", "ftp://collector")]
    [InlineData("Integrity:Pace", "-1")]
    [InlineData("Integrity:Pace", "100001")]
    [InlineData("Integrity:Interval", "00:59:59")]
    [InlineData("Integrity:Interval", "367.00:00:00")]
    [InlineData("Integrity:Interval", "-01:00:00")]
    [InlineData("Audit:KeepFor", "23:59:59")]
    [InlineData("Audit:KeepFor", "-1.00:00:00")]
    [InlineData("Audit:KeepPullsFor", "00:00:01")]
    public void Read_WithAValueOutOfRange_IsRefused(string name, string value) =>
        Assert.Contains($"Ncr:{name}", Assert.Throws<StartupException>(() => Read(new() { [$"Ncr:{name}"] = value })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Authority", "login.example.com", "issuer address")]
    [InlineData("Authority", "https://login.example.com/?a=b", "issuer address")]
    [InlineData("Authority", null, "Authority is missing")]
    [InlineData("ClientId", null, "ClientId is missing")]
    [InlineData("Title", "", "Ncr:Oidc:Title")]
    [InlineData("NameClaim", "", "Ncr:Oidc:NameClaim")]
    [InlineData("DefaultRole", "ProjectAdmin", "not everybody")]
    [InlineData("DefaultRole", "9", "DefaultRole")]
    [InlineData("DefaultRole", "Chief", "it must be one of")]
    [InlineData("CreateUsers", "perhaps", "true or false")]
    [InlineData("Roles", "admins", "group=Role")]
    [InlineData("Roles", "admins=Chief", "ProjectAdmin, ProjectMember")]
    [InlineData("Roles", "admins=1", "ProjectAdmin, ProjectMember")]
    [InlineData("Roles", "admins=None", "ProjectAdmin, ProjectMember")]
    [InlineData("Roles", "a=ServiceViewer, admins=ProjectAdmin@team", "in a registry is one of ServiceAdmin")]
    [InlineData("Roles", "a=ServiceViewer@BAD", "'a=ServiceViewer@BAD'")]
    public void Read_WithAFaultOfTheProvider_IsRefused(string name, string? value, string words)
    {
        var message = Assert.Throws<StartupException>(() => Read(new()
        {
            ["Ncr:Oidc:Authority"] = "https://login.example.com",
            ["Ncr:Oidc:ClientId"] = "ncr",
            ["Ncr:Oidc:ClientSecret"] = "hidden",
            [$"Ncr:Oidc:{name}"] = value ?? "",
        })).Message;
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Allow", "10.0.0.1/8")]
    [InlineData("Deny", "a b")]
    [InlineData("Proxy", "proxy.example.com")]
    public void Read_WithAFaultOfTheOutgoingCalls_IsRefused(string name, string value) =>
        Assert.Contains($"Ncr:Outgoing:{name}", Assert.Throws<StartupException>(() => Read(new() { [$"Ncr:Outgoing:{name}"] = value })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("ShutdownTimeout", "00:00:00")]
    [InlineData("ShutdownTimeout", "01:00:00")]
    [InlineData("MinFreeSpace", "0")]
    [InlineData("MinFreeSpace", "500 MB")]
    [InlineData("Metrics:Token", "sixteen-letters!")]
    [InlineData("Otlp:Endpoint", "https://collector:4318/v1/traces")]
    [InlineData("Integrity:Pace", "0")]
    [InlineData("Integrity:Pace", "100000")]
    [InlineData("Integrity:Interval", "00:00:00")]
    [InlineData("Integrity:Interval", "01:00:00")]
    [InlineData("Integrity:Interval", "366.00:00:00")]
    [InlineData("Audit:KeepFor", "00:00:00")]
    [InlineData("Audit:KeepPullsFor", "1.00:00:00")]
    public void Read_WithAValueAtTheEdge_TakesIt(string name, string value) => Read(new() { [$"Ncr:{name}"] = value });

    [Fact]
    public void Read_FromEnvironmentStyleNames_IgnoresCase() =>
        Assert.Equal("/elsewhere", Read(new() { ["NCR:DATAPATH"] = "/elsewhere" }).DataPath);

    [Fact]
    public void Docs_ListEverySetting()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ncr.sln")))
        {
            folder = folder.Parent!;
        }

        var docs = File.ReadAllText(Path.Combine(folder.FullName, "docs", "configuration.md"));

        Assert.All(NamesOf(typeof(NcrOptions), "Ncr"), name => Assert.Contains($"`{name}`", docs, StringComparison.Ordinal));
    }

    private static IEnumerable<string> NamesOf(Type type, string path) => type.GetProperties().Where(p => p.CanWrite).SelectMany(p =>
        p.PropertyType.IsClass && p.PropertyType.Namespace == type.Namespace ? NamesOf(p.PropertyType, $"{path}:{p.Name}") : [$"{path}:{p.Name}"]);

    private static NcrOptions Read(Dictionary<string, string?> settings) =>
        NcrOptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
