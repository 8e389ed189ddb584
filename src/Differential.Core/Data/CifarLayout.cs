using System.Globalization;

namespace Differential.Core.Data;

/// <summary>How the binary files of a CIFAR set look: records of label bytes and 32 × 32 pixels as three planes.</summary>
/// <param name="LabelBytes">Label bytes before the pixels.</param>
/// <param name="LabelAt">Which of them is the label.</param>
/// <param name="Names">The classes' names where the folder has no file of names.</param>
/// <param name="NamesFile">The file of names, one a line.</param>
/// <param name="TrainFiles">The training files; those that are there are read.</param>
/// <param name="TestFile">The test file.</param>
internal sealed record CifarLayout(int LabelBytes, int LabelAt, IReadOnlyList<string> Names, string NamesFile, IReadOnlyList<string> TrainFiles, string TestFile)
{
    public static CifarLayout Ten { get; } = new(
        1,
        0,
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        "batches.meta.txt",
        [.. Enumerable.Range(1, 5).Select(static i => string.Create(CultureInfo.InvariantCulture, $"data_batch_{i}.bin"))],
        "test_batch.bin");

    /// <summary>The layout of CIFAR-100: a coarse and a fine label before the pixels.</summary>
    public static CifarLayout Hundred(CifarLabels labels) => labels == CifarLabels.Coarse
        ? new CifarLayout(2, 0, Coarse, "coarse_label_names.txt", ["train.bin"], "test.bin")
        : new CifarLayout(2, 1, Fine, "fine_label_names.txt", ["train.bin"], "test.bin");

    private static string[] Coarse { get; } =
    [
        "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices", "household_furniture",
        "insects", "large_carnivores", "large_man-made_outdoor_things", "large_natural_outdoor_scenes", "large_omnivores_and_herbivores",
        "medium_mammals", "non-insect_invertebrates", "people", "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
    ];

    private static string[] Fine { get; } =
    [
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge", "bus",
        "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab",
        "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard",
        "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom",
        "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
        "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake",
        "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train",
        "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
    ];
}
