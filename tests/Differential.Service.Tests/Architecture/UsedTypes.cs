using System.Reflection;
using System.Reflection.Emit;

namespace Differential.Service.Tests.Architecture;

/// <summary>The types that a compiled type names: in its signatures, attributes and code.</summary>
internal static class UsedTypes
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields().Select(f => (OpCode)f.GetValue(null)!).ToDictionary(code => code.Value);

    public static IEnumerable<Type> Of(Type type)
    {
        IEnumerable<Type?> named =
        [
            type.BaseType,
            .. type.GetInterfaces(),
            .. type.IsGenericType ? type.GetGenericArguments().SelectMany(Constraints) : [],
            .. Attributes(type),
            .. type.GetFields(Declared).SelectMany(f => (Type[])[f.FieldType, .. Attributes(f)]),
            .. type.GetProperties(Declared).SelectMany(Attributes),
            .. type.GetMethods(Declared).SelectMany(m => (IEnumerable<Type>)[m.ReturnType, .. m.GetGenericArguments().SelectMany(Constraints)]),
            .. ((IEnumerable<MethodBase>)[.. type.GetMethods(Declared), .. type.GetConstructors(Declared)])
                .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Concat(Attributes(m)).Concat(Code(m))),
        ];
        return named.Where(t => t is not null).SelectMany(t => Parts(t!));
    }

    /// <summary>A type without arrays, pointers and type arguments, and those too.</summary>
    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsFunctionPointer ? [.. Parts(type.GetFunctionPointerReturnType()), .. type.GetFunctionPointerParameterTypes().SelectMany(Parts)]
        : type.IsGenericParameter ? []
        : type.IsConstructedGenericType ? [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)]
        : [type];

    private static Type[] Constraints(Type argument) => argument.IsGenericParameter ? argument.GetGenericParameterConstraints() : [argument];

    private static IEnumerable<Type> Attributes(MemberInfo member) => member.GetCustomAttributesData().SelectMany(a => (IEnumerable<Type>)
    [
        a.AttributeType,
        .. a.ConstructorArguments.Concat(a.NamedArguments.Select(n => n.TypedValue)).Select(v => v.Value).OfType<Type>(),
    ]);

    /// <summary>The types of locals, of caught exceptions, and of the members that the code names.</summary>
    private static List<Type> Code(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
        {
            return [];
        }

        List<Type> types = [.. body.LocalVariables.Select(l => l.LocalType), .. body.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause).Select(c => c.CatchType!)];
        Type[]? ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int i = 0; i < code.Length;)
        {
            OpCode operation = code[i] == 0xFE ? Codes[(short)(0xFE00 | code[i + 1])] : Codes[code[i]];
            i += operation.Size;
            if (operation.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                MemberInfo? member = method.Module.ResolveMember(BitConverter.ToInt32(code, i), ofType, ofMethod);
                types.AddRange(member is Type type ? [type] : member?.DeclaringType is { } declaring ? [declaring] : []);
                types.AddRange(member is MethodInfo { IsGenericMethod: true } called ? called.GetGenericArguments() : []);
            }

            i += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }

        return types;
    }
}
