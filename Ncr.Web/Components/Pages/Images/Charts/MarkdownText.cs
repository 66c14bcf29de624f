using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Ncr.Web.Components.Pages.Images.Charts;

/// <summary>Markdown of strangers as HTML that can do nothing: no HTML of its own, no pictures, no links but to the web and to mail.</summary>
internal static class MarkdownText
{
    /// <summary>The page's own headings stand above.</summary>
    private const int HeadingShift = 2;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseAutoLinks().Build();

    /// <summary>Null when it can't be rendered, such as for being nested too deep; then it is shown as it is.</summary>
    public static string? Render(string markdown)
    {
        try
        {
            var document = Markdown.Parse(markdown, Pipeline);
            foreach (var heading in document.Descendants<HeadingBlock>())
            {
                heading.Level = Math.Min(6, heading.Level + HeadingShift);
            }

            foreach (var inline in document.Descendants<Inline>().Where(i => i is LinkInline or AutolinkInline).ToList())
            {
                Tame(inline);
            }

            using var writer = new StringWriter();
            var renderer = new HtmlRenderer(writer);
            Pipeline.Setup(renderer);
            renderer.Render(document);
            return writer.ToString();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Tame(Inline inline)
    {
        var url = inline switch
        {
            LinkInline link => link.GetDynamicUrl?.Invoke() ?? link.Url,
            AutolinkInline auto => auto.IsEmail ? "mailto:" + auto.Url : auto.Url,
            _ => null,
        };
        if (IsAllowed(url))
        {
            inline.GetAttributes().AddPropertyIfNotExist("rel", "noopener noreferrer nofollow");
            inline.GetAttributes().AddPropertyIfNotExist("target", "_blank");
            if (inline is LinkInline { IsImage: true } picture)
            {
                picture.IsImage = false; // Its text becomes the link's: nothing is loaded from elsewhere.
                if (picture.FirstChild is null)
                {
                    picture.AppendChild(new LiteralInline("picture"));
                }
            }
        }
        else if (inline is LinkInline link)
        {
            link.ReplaceBy(new ContainerInline(), copyChildren: true);
        }
        else
        {
            inline.ReplaceBy(new LiteralInline(((AutolinkInline)inline).Url));
        }
    }

    private static bool IsAllowed(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeMailto);
}
