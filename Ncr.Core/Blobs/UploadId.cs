using System.Security.Cryptography;
using System.Text;
using Ncr.Core.Errors;
using Ncr.Core.Images;

namespace Ncr.Core.Blobs;

/// <summary>Ids of uploads: random, with a mark of the image at the end, so that another image can't use the session.</summary>
internal static class UploadId
{
    private const int Length = 40;

    public static string New(ImageName image) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + MarkOf(image);

    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>: it is no id, or one of another image.</exception>
    public static void Require(ImageName image, string id)
    {
        if (id.Length != Length || !id.All(char.IsAsciiHexDigitLower) || !id.EndsWith(MarkOf(image), StringComparison.Ordinal))
        {
            throw Unknown(id);
        }
    }

    public static NcrException Unknown(string id) => new(
        NcrError.UploadUnknown,
        "This upload does not exist: it was finished, cancelled, or never begun for this image. Begin a new one.",
        new { upload = id.Length <= 64 ? id : id[..64] });

    private static string MarkOf(ImageName image) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image.ToString())).AsSpan(0, 4));
}
