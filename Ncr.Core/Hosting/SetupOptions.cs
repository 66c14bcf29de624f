namespace Ncr.Core.Hosting;

/// <summary>Sets up an empty database without a person: the first administrator, a key and registries.</summary>
public sealed class SetupOptions
{
    /// <summary>The first administrator's name.</summary>
    public string? User { get; set; }

    /// <summary>The first administrator's password.</summary>
    public string? Password { get; set; }

    /// <summary>A User Access Key to make for the administrator: 8 to 64 letters, digits, '-' and '_'.</summary>
    public string? AccessKey { get; set; }

    /// <summary>Its Secret Key, at least 8 characters.</summary>
    public string? SecretKey { get; set; }

    /// <summary>Registries to make, with commas.</summary>
    public string? Registries { get; set; }

    public IReadOnlyList<string> RegistryNames => NcrOptionsReader.Split(Registries);
}
