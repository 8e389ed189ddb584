namespace Differential.Service.Tests.Jobs;

/// <summary>Files that are no JSON, and texts that JSON can write but no string can hold.</summary>
internal static class BadSyntax
{
    /// <summary>Name, content, and the message behind the file's name.</summary>
    public static (string Name, string Content, string Message)[] Cases { get; } =
    [
        ("EmptyFile", "",
            "file: empty; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("OnlySpace", " \n\t ",
            "file: empty; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("OnlyComment", "// nothing\n",
            "line 2, column 1: the file ends in the middle of the JSON, or before it; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("Truncated", """{"kind": "train", "data": {""",
            "line 1, column 28: the file ends in the middle of the JSON, or before it; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("TruncatedText", """{"kind": "tra""",
            "line 1, column 14: the file ends in the middle of the JSON, or before it; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("NotJson", "kind: train",
            "line 1, column 1: 'k' is an invalid start of a value; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("MissingComma", "{\"kind\":\"train\"\n \"name\":\"x\"}",
            """line 2, column 2: '"' is invalid after a value. Expected either ',', '}', or ']'; allowed: JSON in UTF-8, comments and trailing commas allowed"""),
        ("TwoDocuments", """{"kind":"train","data":{"kind":"shapes"}} {}""",
            "line 1, column 43: '{' is invalid after a single JSON value. Expected end of data; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("SingleQuotes", "{'kind':'train'}",
            """line 1, column 2: ''' is an invalid start of a property name. Expected a '"'; allowed: JSON in UTF-8, comments and trailing commas allowed"""),
        ("NaNLiteral", """{"kind":"train","data":{"kind":"shapes"},"epochs":NaN}""",
            "line 1, column 51: 'N' is an invalid start of a value; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("InfinityLiteral", """{"kind":"train","data":{"kind":"shapes"},"epochs":Infinity}""",
            "line 1, column 51: 'I' is an invalid start of a value; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("LeadingZero", """{"kind":"train","data":{"kind":"shapes"},"epochs":015}""",
            "line 1, column 52: Invalid leading zero before '1'; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("Hexadecimal", """{"kind":"train","data":{"kind":"shapes"},"epochs":0x10}""",
            "line 1, column 52: 'x' is an invalid end of a number. Expected a delimiter; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("BadEscape", """{"kind":"train","data":{"kind":"shapes"},"name":"\x"}""",
            "line 1, column 51: 'x' is an invalid escapable character within a JSON string. The string should be correctly escaped; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("HalfSurrogate", """{"kind":"train","data":{"kind":"shapes"},"name":"\ud800"}""",
            "line 1, column 49: half of a surrogate pair in a text; allowed: pairs of both halves"),
        ("HalfSurrogateName", """{"kind":"train","data":{"kind":"shapes"},"\udc00":1}""",
            "line 1, column 42: half of a surrogate pair in a text; allowed: pairs of both halves"),
        ("LineBreakInText", "{\"kind\":\"train\",\"data\":{\"kind\":\"shapes\"},\"name\":\"a\nb\"}",
            "line 1, column 51: '0x0A' is invalid within a JSON string. The string should be correctly escaped; allowed: JSON in UTF-8, comments and trailing commas allowed"),
        ("DeepNesting", new string('[', 100) + new string(']', 100),
            "line 1, column 33: objects and lists nested more than 32 deep; allowed: at most 32"),
        ("DeepNestingUnclosed", string.Concat(Enumerable.Repeat("""{"a":""", 5000)),
            "line 1, column 161: objects and lists nested more than 32 deep; allowed: at most 32"),
    ];
}
