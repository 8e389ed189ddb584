namespace Differential.Service.Tests.Jobs;

/// <summary>Choices of samples, weights, thresholds and settings.</summary>
internal static class BadChoices
{
    private const string Threshold = "\"fitted\", \"zero\", \"validation\", { \"for\": \"accuracy\" or \"balancedAccuracy\" } or { \"falsePositiveRate\": a number of at least 0 and below 1 }, the last two with \"on\": \"train\" or \"validation\"";

    /// <summary>Name, content, and the message behind the file's name.</summary>
    public static (string Name, string Content, string Message)[] Cases { get; } =
    [
        ("BatchesUnknown", Train(""" "batches":"even" """), """$.batches: the text "even"; allowed: balanced, natural, proportional"""),
        ("KeepBestWithoutValidation", Train(""" "keep":"best" """), "$.keep: best, without held-out samples; allowed: last; best beside data.validation"),
        ("ThresholdUnknown", Train(""" "threshold":"auto" """), "$.threshold: the text \"auto\"; allowed: " + Threshold),
        ("ThresholdNumber", Train(""" "threshold":0.5 """), "$.threshold: the number 0.5; allowed: " + Threshold),
        ("ThresholdWithoutValidation", Train(""" "threshold":"validation" """), "$.threshold: validation, without held-out samples; allowed: fitted or zero; validation beside data.validation"),
        ("ThresholdOnValidationWithout", Train(""" "threshold":{"on":"validation","for":"accuracy"} """), "$.threshold: validation, without held-out samples; allowed: fitted or zero; validation beside data.validation"),
        ("ThresholdOnTest", Train(""" "threshold":{"on":"test","for":"accuracy"} """), """$.threshold.on: the text "test"; allowed: train, validation"""),
        ("ThresholdForAuc", Train(""" "threshold":{"for":"auc"} """), """$.threshold.for: the text "auc"; allowed: accuracy, balancedAccuracy"""),
        ("ThresholdRateOne", Train(""" "threshold":{"falsePositiveRate":1} """), "$.threshold.falsePositiveRate: the number 1; allowed: a number of at least 0 and below 1"),
        ("ThresholdBoth", Train(""" "threshold":{"for":"accuracy","falsePositiveRate":0.1} """), "$.threshold: for beside falsePositiveRate; allowed: one of the two"),
        ("ThresholdEmpty", Train(""" "threshold":{} """), "$.threshold: neither for nor falsePositiveRate; allowed: one of the two"),
        ("ThresholdField", Train(""" "threshold":{"rate":0.1} """), "$.threshold.rate: unknown field; allowed: on, for, falsePositiveRate"),
        ("ThresholdTwice", Train(""" "threshold":{"for":"accuracy","for":"accuracy"} """), "$.threshold.for: the field stands there twice; allowed: each field once"),
        ("RateOfThreeClasses", """{"kind":"train","data":{"kind":"shapes","classes":3},"threshold":{"falsePositiveRate":0.1}}""",
            "$.threshold.falsePositiveRate: a false-positive rate with 3 classes; allowed: a false-positive rate with two classes"),
        ("ImbalanceBelowOne", Data(""" "imbalance":0.5 """), "$.data.imbalance: the number 0.5; allowed: a number from 1 to 1000000"),
        ("ImbalanceAndCounts", Data(""" "imbalance":2,"classCounts":{"cross":3} """), "$.data.imbalance: imbalance beside classCounts; allowed: one of classCounts, imbalance"),
        ("CountsList", Data(""" "classCounts":[3] """), """$.data.classCounts: a list; allowed: an object of 1 to 100 classes, each with a whole number of at least 1: { "horse": 125 }"""),
        ("CountsZero", Data(""" "classCounts":{"cross":0} """), """$.data.classCounts["cross"]: the number 0; allowed: a whole number of at least 1"""),
        ("CountsTwice", Data(""" "classCounts":{"cross":1,"CROSS":1} """), """$.data.classCounts["CROSS"]: the class stands there twice; allowed: each class once"""),
        ("ValidationAll", Data(""" "validation":1 """), "$.data.validation: the number 1; allowed: a number above 0 and below 1, or a path"),
        ("ValidationPathOfMadeData", Data(""" "validation":"held" """), "$.data.validation: a path, for data that are made; allowed: a share above 0 and below 1"),
        ("TheoryImbalance", """{"kind":"theory","data":{"kind":"affine","imbalance":2}}""", "$.data.imbalance: a choice among the samples in a theory job; allowed: all of them"),
        ("WeightsText", Loss(""" "kind":"crossEntropy","classWeights":"balanced" """), """$.loss.classWeights: the text "balanced"; allowed: "equal", or a list of numbers from 0 to 1000000, one for each class, not all 0"""),
        ("WeightsNegative", Loss(""" "kind":"hinge","classWeights":[1,-1] """), "$.loss.classWeights[1]: the number -1; allowed: a number from 0 to 1000000"),
        ("WeightsZero", Loss(""" "kind":"hinge","classWeights":[0,0] """), """$.loss.classWeights: a list; allowed: "equal", or a list of numbers from 0 to 1000000, one for each class, not all 0"""),
        ("WeightsTooMany", Loss(""" "kind":"crossEntropy","classWeights":[1,2,3] """), "$.loss.classWeights: a list of 3 weights for 2 classes; allowed: equal, or 2 numbers"),
        ("WeightsOfPairs", Loss(""" "kind":"differential","classWeights":"equal" """), "$.loss.classWeights: unknown field; allowed: kind, surrogate, pairs, temperature, margin"),
        ("HkrNegative", Loss(""" "kind":"hkr","weight":-1 """), "$.loss.weight: the number -1; allowed: a number from 0 to 1000000, or in compare jobs with select a list of 1 to 16 such numbers"),
        ("HkrNormalized", """{"kind":"train","data":{"kind":"affine"},"loss":{"kind":"hkr"},"optimizer":{"kind":"normalizedGradient"}}""",
            "$.loss: a loss that can be below 0, with an optimizer that divides by it; allowed: losses without a linear part with normalizedGradient"),
        ("ListInTraining", Loss(""" "kind":"differential","temperature":[1,2] """), "$.loss: lists of 2 settings; allowed: numbers; lists in compare jobs with select"),
        ("ListTwice", Loss(""" "kind":"differential","temperature":[1,1] """), "$.loss.temperature[1]: a number that is already in the list; allowed: each number once"),
        ("ListOutOfRange", Loss(""" "kind":"differential","temperature":[1,0] """), "$.loss.temperature[1]: the number 0; allowed: a number from 1e-06 to 1000000"),
        ("ListWithoutSelect", Compare(""" "losses":[{"kind":"differential","margin":[0,1]}] """), "$.losses[0]: lists of 2 settings, with nothing to select by; allowed: numbers; lists beside select"),
        ("SelectWithoutValidation", Compare(""" "select":{"by":"validation"} """), "$.select.by: validation, without held-out samples; allowed: data.validation beside select"),
        ("SelectByTest", Compare(""" "select":{"by":"test"} """), """$.select.by: the text "test"; allowed: validation"""),
        ("CompareZero", Compare(""" "threshold":"zero" """), "$.threshold: zero, where losses are compared; allowed: fitted, validation, or an object"),
    ];

    private static string Train(string field) => "{\"kind\":\"train\",\"data\":{\"kind\":\"shapes\"}," + field + "}";

    private static string Data(string field) => "{\"kind\":\"train\",\"data\":{\"kind\":\"shapes\"," + field + "}}";

    private static string Loss(string fields) => "{\"kind\":\"train\",\"data\":{\"kind\":\"shapes\"},\"loss\":{" + fields + "}}";

    private static string Compare(string field) => "{\"kind\":\"compare\",\"data\":{\"kind\":\"shapes\"},\"attacks\":[{\"kind\":\"deepFool\"}]," + field + "}";
}
