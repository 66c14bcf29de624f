namespace Ncr.Core.Hosting;

/// <summary>The server's certificate. With one, HTTPS and HTTP/2 are spoken.</summary>
public sealed class HttpsOptions
{
    /// <summary>A PFX file, or a PEM file with the certificate and its chain.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>The PEM file with the private key; not for a PFX file.</summary>
    public string? KeyPath { get; set; }

    /// <summary>The password of the PFX file or of the encrypted key.</summary>
    public string? Password { get; set; }
}
