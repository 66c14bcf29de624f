using System.ComponentModel.DataAnnotations;

namespace Ncr.Core.Hosting;

/// <summary>The settings in section <c>Ncr</c>. docs/configuration.md lists them; a test compares the two.</summary>
public sealed class NcrOptions
{
    public const string Section = "Ncr";

    /// <summary>Where everything is kept: the database, the content and the keys. Relative to the folder the server is started in.</summary>
    [Required]
    public string DataPath { get; set; } = "./data";

    /// <summary>The address that people and clients reach the server at, such as <c>https://registry.example.com</c>; for links and commands in the console. Empty: the address of the request.</summary>
    public string? PublicAddress { get; set; }

    /// <summary>How long a token of <c>docker login</c> is good for; at most 12 hours.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Whether an index may be pushed before the manifests that it names.</summary>
    public bool AllowMissingChildren { get; set; }

    /// <summary>How long a server that is told to stop lets running transfers go on before it cuts them. Clients then resume where they were.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The log warns while the disk of the data folder has less room than this, such as <c>500 MB</c> or <c>2 GiB</c>.</summary>
    public string? MinFreeSpace { get; set; } = "1 GiB";

    public AuditOptions Audit { get; set; } = new();

    public CollectionOptions Collection { get; set; } = new();

    public DeletionOptions Deletion { get; set; } = new();

    public HttpsOptions Https { get; set; } = new();

    public LoggingOptions Logging { get; set; } = new();

    public MetricsOptions Metrics { get; set; } = new();

    public OidcOptions Oidc { get; set; } = new();

    public OtlpOptions Otlp { get; set; } = new();

    public OutgoingOptions Outgoing { get; set; } = new();

    public ReverseProxyOptions ReverseProxy { get; set; } = new();

    public PrivateOptions Private { get; set; } = new();

    public IntegrityOptions Integrity { get; set; } = new();

    public SetupOptions Setup { get; set; } = new();
}
