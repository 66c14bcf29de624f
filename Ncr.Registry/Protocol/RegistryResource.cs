namespace Ncr.Registry.Protocol;

/// <summary>The kinds of endpoints of <c>/v2</c>.</summary>
internal enum RegistryResource
{
    Base,
    Catalog,
    Tags,
    Manifest,
    Blob,
    Uploads,
    Upload,
    Referrers,
}
