using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Ncr.Core.Hosting;

namespace Ncr.Web.Hosting;

/// <summary>What the server listens on, and with which certificate.</summary>
internal static class KestrelSetup
{
    public const string DefaultHttp = "http://localhost:5080";
    public const string DefaultHttps = "https://localhost:5443";

    public static void ConfigureNcrKestrel(this WebApplicationBuilder builder, NcrOptions options)
    {
        var (certificate, chain) = Load(options.Https);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])
            && string.IsNullOrEmpty(builder.Configuration["http_ports"])
            && string.IsNullOrEmpty(builder.Configuration["https_ports"]))
        {
            builder.WebHost.UseUrls(certificate is null ? DefaultHttp : DefaultHttps);
        }

        AddPrivate(builder, options.Private);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory.Factory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = OpenFiles.ConnectionLimit;
            kestrel.Limits.MaxConcurrentUpgradedConnections = OpenFiles.ConnectionLimit / 2;

            // A slow reader holds this much and one chunk more; a fast one loses nothing by it (docs/performance.md).
            kestrel.Limits.MaxResponseBufferSize = 64 * 1024;
            if (certificate is not null)
            {
                kestrel.ConfigureHttpsDefaults(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ServerCertificateChain = chain;
                });
            }
        });
    }

    /// <summary>Adds the private listeners. Their ports tell private requests from others, so they must be nobody else's.</summary>
    private static void AddPrivate(WebApplicationBuilder builder, PrivateOptions options)
    {
        if (options.UrlList.Count == 0)
        {
            return;
        }

        var configuration = builder.Configuration;
        List<string> urls = [.. Split(configuration[WebHostDefaults.ServerUrlsKey])];
        if (urls.Count == 0)
        {
            urls.AddRange(Split(configuration["http_ports"]).Select(p => $"http://*:{p}"));
            urls.AddRange(Split(configuration["https_ports"]).Select(p => $"https://*:{p}"));
        }

        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new StartupException("Ncr:Private:Urls does not go together with Kestrel:Endpoints. Give the other addresses by --urls or ASPNETCORE_URLS.");
        }

        if (urls.Find(u => (PrivateOptions.PortOf(u) ?? (u.StartsWith("https", StringComparison.OrdinalIgnoreCase) ? 443 : 80)) is var port && options.Ports.Contains(port)) is { } clash)
        {
            throw new StartupException($"Ncr:Private:Urls has the port of '{clash}'. Who comes in by it would count as private: give the private listener a port of its own.");
        }

        builder.WebHost.UseUrls([.. urls, .. options.UrlList]);

        static string[] Split(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    }

    /// <summary>The certificate with its key, and all the file holds, to be sent along: clients know the root, not what is between.</summary>
    private static (X509Certificate2? Certificate, X509Certificate2Collection? Chain) Load(HttpsOptions https)
    {
        if (https.CertificatePath is not { } path)
        {
            return default;
        }

        try
        {
            if (https.KeyPath is null && X509Certificate2.GetCertContentType(path) == X509ContentType.Pkcs12)
            {
                return (X509CertificateLoader.LoadPkcs12FromFile(path, https.Password), X509CertificateLoader.LoadPkcs12CollectionFromFile(path, https.Password));
            }

            // Without a file of its own the key is in the same file.
            var certificate = https.Password is null
                ? X509Certificate2.CreateFromPemFile(path, https.KeyPath)
                : X509Certificate2.CreateFromEncryptedPemFile(path, https.Password, https.KeyPath);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(path);
            return (certificate, chain);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The certificate '{path}'{(https.KeyPath is null ? "" : $" with the key '{https.KeyPath}'")} can't be used: {exception.Message}");
        }
    }
}
