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
