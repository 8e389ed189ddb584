using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Differential.Service.Web;

/// <summary><c>/openapi.json</c>: OpenAPI 3.1, made from the endpoints and the types that they answer with.</summary>
internal static class ApiDocument
{
    public const string Path = "/openapi.json";

    private const string Token = "token";

    public static void Configure(OpenApiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static description => description.HttpMethod != HttpMethods.Head;
        options.AddSchemaTransformer(static (schema, _, _) =>
        {
            // What is null is left out of the answers.
            foreach ((string name, IOpenApiSchema property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                if (IsNullable(property))
                {
                    schema.Required?.Remove(name);
                }
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Operation>().FirstOrDefault() is { } told)
            {
                Describe(operation, told, context.Description.RelativePath ?? string.Empty);
            }

            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Differential",
                Version = typeof(ApiDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0",
                Description = "Jobs that train and attack neural networks, and their runs.",
            };
            document.Servers = [new OpenApiServer { Url = "." }];
            document.Tags = null;
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Token] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The token of Http:Token." };
            return Task.CompletedTask;
        });
    }

    private static bool IsNullable(IOpenApiSchema schema) =>
        schema.Type is { } type ? type.HasFlag(JsonSchemaType.Null)
        : schema.OneOf is { Count: > 0 } some ? some.Any(static s => s.Type?.HasFlag(JsonSchemaType.Null) == true)
        : schema is not OpenApiSchemaReference;

    private static void Describe(OpenApiOperation operation, Operation told, string path)
    {
        operation.OperationId = told.Name;
        operation.Summary = told.Summary;
        operation.Tags = null;
        operation.Parameters = [];
        foreach (string part in path.Split('/').Where(static part => part.StartsWith('{')))
        {
            operation.Parameters.Add(new OpenApiParameter { Name = part.Trim('{', '}').TrimStart('*'), In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }

        foreach (QueryParameter parameter in told.Parameters)
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Required = parameter.IsRequired,
                Description = parameter.Description,
                Schema = new OpenApiSchema { Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String },
            });
        }

        if (told.TakesJob)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Description = "A job file: what 'differential schema' describes.",
                Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } } },
            };
        }

        if (told.NeedsToken)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Token)] = [] }];
        }
    }
}
