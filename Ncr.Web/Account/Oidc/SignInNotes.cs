using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Ncr.Web.Account.Oidc;

/// <summary>Sentences for the sign-in page that go by its address, sealed: nobody else can make it say something.</summary>
public sealed class SignInNotes(IDataProtectionProvider protection)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("Ncr.SignInNotes").ToTimeLimitedDataProtector();

    /// <summary>The sign-in page with a sentence.</summary>
    public string SignInWith(string sentence, string? returnUrl)
    {
        var page = QueryHelpers.AddQueryString(ConsoleUrls.SignIn, "note", _protector.Protect(sentence, Lifetime));
        return RedirectHttpResult.IsLocalUrl(returnUrl) ? QueryHelpers.AddQueryString(page, "returnUrl", returnUrl!) : page;
    }

    /// <summary>The sentence; null for none, an old one, or one that was made up.</summary>
    public string? Read(string? note)
    {
        try
        {
            return note is null ? null : _protector.Unprotect(note);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
