using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Ncr.Core.Access;
using Ncr.Core.Outgoing;
using Ncr.Core.Registries;

namespace Ncr.Core.Hosting;

/// <summary>Reads the settings and finds every fault in them before anything starts.</summary>
public static class NcrOptionsReader
{
    public static readonly TimeSpan MaxTokenLifetime = TimeSpan.FromHours(12);

    /// <exception cref="StartupException">With all faults, one a line.</exception>
    public static NcrOptions Read(IConfiguration configuration)
    {
        var options = new NcrOptions();
        var faults = new List<string>();
        Fill(options, configuration.GetSection(NcrOptions.Section), faults);
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        faults.AddRange(results.Select(r => $"Ncr:{r.MemberNames.FirstOrDefault()}: {r.ErrorMessage}"));
        CheckAddress("PublicAddress", options.PublicAddress, faults);
        CheckPrivate(options.Private, faults);
        CheckHttps(options.Https, faults);
        CheckProxies(options.ReverseProxy, faults);
        CheckIntegrity(options.Integrity, faults);
        CheckSetup(options.Setup, faults);
        CheckOperation(options, faults);
        CheckCollection(options.Collection, faults);
        CheckDeletion(options.Deletion, faults);
        OidcOptionsCheck.Check(options.Oidc, faults);
        CheckOutgoing(options.Outgoing, faults);
        CheckAudit(options.Audit, faults);
        if (options.TokenLifetime < TimeSpan.FromMinutes(1) || options.TokenLifetime > MaxTokenLifetime)
        {
            faults.Add($"Ncr:TokenLifetime is {options.TokenLifetime}; it must be between 00:01:00 and 12:00:00.");
        }

        return faults.Count == 0
            ? options
            : throw new StartupException($"The settings have {(faults.Count == 1 ? "a fault" : $"{faults.Count} faults")}:{string.Concat(faults.Select(f => $"{Environment.NewLine}  - {f}"))}");
    }

    internal static IReadOnlyList<string> Split(string? list) =>
        list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Binds one by one, since the framework's binder stops at the first value it can't read and passes over names it does not know.</summary>
    private static void Fill(object target, IConfigurationSection section, List<string> faults)
    {
        var properties = target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).ToList();
        foreach (var child in section.GetChildren())
        {
            if (properties.Find(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
            {
                faults.Add($"{child.Path} is not a setting. {section.Path} has: {string.Join(", ", properties.Select(p => p.Name))}.");
            }
            else if (property.PropertyType.IsClass && property.PropertyType.Namespace == typeof(NcrOptions).Namespace)
            {
                Fill(property.GetValue(target)!, child, faults);
            }
            else if (child.Value is null)
            {
                faults.Add($"{child.Path} must be one value, not a list or a section.");
            }
            else if (child.Value.Length == 0 && property.PropertyType == typeof(string))
            {
                property.SetValue(target, property.Name == nameof(NcrOptions.DataPath) ? "" : null);
            }
            else
            {
                try
                {
                    property.SetValue(target, TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(child.Value));
                }
                catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
                {
                    faults.Add($"{child.Path} is '{child.Value}', which is no {Describe(property.PropertyType)}.");
                }
            }
        }
    }

    private static string Describe(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(TimeSpan) ? "length of time such as 12:00:00"
        : type == typeof(int) ? "whole number"
        : type.IsEnum ? $"choice; it must be one of {string.Join(", ", Enum.GetNames(type))}"
        : type.Name;

    private static void CheckAddress(string name, string? address, List<string> faults)
    {
        if (address is not null && (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/"))
        {
            faults.Add($"Ncr:{name} is '{address}'; it must be http:// or https:// with a host and, where needed, a port, and nothing after it.");
        }
    }

    private static void CheckPrivate(PrivateOptions options, List<string> faults)
    {
        CheckAddress("Private:Address", options.Address, faults);
        if (!NetworkList.TryParse(options.Networks ?? "", out _, out var fault))
        {
            faults.Add($"Ncr:Private:Networks: {fault}");
        }

        faults.AddRange(options.UrlList.Where(u => PrivateOptions.PortOf(u) is null or 0)
            .Select(u => $"Ncr:Private:Urls has '{u}'; it must be http:// or https:// with an address and a port of its own, such as https://10.0.0.5:5444."));
    }

    private static void CheckHttps(HttpsOptions https, List<string> faults)
    {
        foreach (var (name, path) in new[] { ("CertificatePath", https.CertificatePath), ("KeyPath", https.KeyPath) })
        {
            if (path is not null && !File.Exists(path))
            {
                faults.Add($"Ncr:Https:{name} names the file '{path}', which is not there.");
            }
        }

        if (https.CertificatePath is null && (https.KeyPath is not null || https.Password is not null))
        {
            faults.Add("Ncr:Https:CertificatePath is missing, but a key or a password for it is given.");
        }
    }

    private static void CheckProxies(ReverseProxyOptions proxy, List<string> faults) =>
        faults.AddRange(proxy.AddressList.Where(a => !IPAddress.TryParse(a, out _) && !IPNetwork.TryParse(a, out _))
            .Select(a => $"Ncr:ReverseProxy:Addresses has '{a}', which is neither an address nor a network such as 10.0.0.0/8."));

    private static void CheckOperation(NcrOptions options, List<string> faults)
    {
        if (options.ShutdownTimeout < TimeSpan.Zero || options.ShutdownTimeout > TimeSpan.FromHours(1))
        {
            faults.Add($"Ncr:ShutdownTimeout is {options.ShutdownTimeout}; it must be between 00:00:00 and 01:00:00.");
        }

        if (!ByteCount.TryParse(options.MinFreeSpace ?? "0", out _))
        {
            faults.Add($"Ncr:MinFreeSpace is '{options.MinFreeSpace}', which is no number of bytes such as 500 MB or 2 GiB.");
        }

        if (options.Metrics.Token is { Length: < 16 })
        {
            faults.Add("Ncr:Metrics:Token must have at least 16 characters.");
        }

        if (options.Otlp.Endpoint is { } endpoint && (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
        {
            faults.Add($"Ncr:Otlp:Endpoint is '{endpoint}'; it must be an address such as http://collector:4318.");
        }
    }

    private static void CheckIntegrity(IntegrityOptions integrity, List<string> faults)
    {
        if (integrity.Pace is < 0 or > 100_000)
        {
            faults.Add($"Ncr:Integrity:Pace is {integrity.Pace}; it must be between 0 (no limit) and 100000 MiB a second.");
        }

        if (integrity.Interval != TimeSpan.Zero && (integrity.Interval < TimeSpan.FromHours(1) || integrity.Interval > TimeSpan.FromDays(366)))
        {
            faults.Add($"Ncr:Integrity:Interval is {integrity.Interval}; it must be 0 (never) or between 01:00:00 and 366 days, such as 30.00:00:00.");
        }
    }

    private static void CheckCollection(CollectionOptions collection, List<string> faults)
    {
        Between(nameof(collection.Grace), collection.Grace, CollectionOptions.MinGrace, TimeSpan.FromDays(30));
        Between(nameof(collection.Interval), collection.Interval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Between(nameof(collection.UploadLifetime), collection.UploadLifetime, CollectionOptions.MinGrace, TimeSpan.FromDays(365));
        if (collection.Pace is < 1 or > 1_000_000)
        {
            faults.Add($"Ncr:Collection:Pace is {collection.Pace}; it must be between 1 and 1000000 blobs a second.");
        }

        void Between(string name, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                faults.Add($"Ncr:Collection:{name} is {value}; it must be between {least} and {most}.");
            }
        }
    }

    private static void CheckOutgoing(OutgoingOptions outgoing, List<string> faults)
    {
        foreach (var (name, list) in new[] { ("Allow", outgoing.Allow), ("Deny", outgoing.Deny) })
        {
            if (!HostList.TryParse(list, out _, out var fault))
            {
                faults.Add($"Ncr:Outgoing:{name} has {fault}");
            }
        }

        if (outgoing.Proxy is { } proxy && (!Uri.TryCreate(proxy, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/"))
        {
            faults.Add("Ncr:Outgoing:Proxy must be an address such as http://proxy.example.com:3128, with nothing after it."); // Without the value: it may hold a password.
        }
    }

    private static void CheckDeletion(DeletionOptions deletion, List<string> faults)
    {
        if (deletion.RestoreTime < TimeSpan.Zero || deletion.RestoreTime > DeletionOptions.MaxRestoreTime)
        {
            faults.Add($"Ncr:Deletion:RestoreTime is {deletion.RestoreTime}; it must be between 0 (nothing can be restored) and {DeletionOptions.MaxRestoreTime.Days} days, such as 1.00:00:00.");
        }
    }

    private static void CheckAudit(AuditOptions audit, List<string> faults)
    {
        foreach (var (name, value) in new[] { (nameof(audit.KeepFor), audit.KeepFor), (nameof(audit.KeepPullsFor), audit.KeepPullsFor) })
        {
            if (value != TimeSpan.Zero && (value < AuditOptions.MinKeepFor || value > AuditOptions.MaxKeepFor))
            {
                faults.Add($"Ncr:Audit:{name} is {value}; it must be 0 (for ever) or between {AuditOptions.MinKeepFor.Days} and {AuditOptions.MaxKeepFor.Days} days, such as 365.00:00:00.");
            }
        }
    }

    private static void CheckSetup(SetupOptions setup, List<string> faults)
    {
        if (setup.User is not null || setup.Password is not null)
        {
            faults.AddRange(UserService.Explain(setup.User, setup.Password).Select(f => $"Ncr:Setup:{(f.Key == "Name" ? "User" : f.Key)}: {f.Value}"));
        }
        else if (setup.AccessKey is not null || setup.SecretKey is not null || setup.Registries is not null)
        {
            faults.Add("Ncr:Setup has an access key or registries, but no User and Password to make them for.");
        }

        if ((setup.AccessKey is null) != (setup.SecretKey is null))
        {
            faults.Add("Ncr:Setup:AccessKey and Ncr:Setup:SecretKey go together; one of them is missing.");
        }

        if (setup.AccessKey is { } key && (key.Length is < 8 or > 64 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            faults.Add("Ncr:Setup:AccessKey must have 8 to 64 letters, digits, '-' or '_'.");
        }

        if (setup.SecretKey is { Length: < 8 or > 256 })
        {
            faults.Add("Ncr:Setup:SecretKey must have 8 to 256 characters.");
        }

        faults.AddRange(setup.RegistryNames.Where(n => !RegistryName.IsValid(n)).Select(n => $"Ncr:Setup:Registries has '{n}': {RegistryName.Explain(n)}"));
    }
}
