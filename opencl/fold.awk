# fold.awk - the lines of isa_lists.h as macros: one a class, one a shape, one of all shapes that vector instructions have.
$1 == "shape" { id = $2; $1 = $2 = ""; row[id] = $0; shapes[n_shapes++] = id }
$1 == "op" {
    class = $2; shape = $3; $1 = $2 = $3 = ""
    if (!(class in of_class)) classes[n_classes++] = class
    of_class[class] = of_class[class] $0
    of_shape[shape] = of_shape[shape] $0
    if (class ~ /^(B?V[VX]|REDUCE|RUN|TENSOR)$/) vector[shape] = 1
}
END {
    for (i = 0; i < n_classes; i++) printf "#define PX_CLASS_%s(X)%s\n", classes[i], of_class[classes[i]]
    for (i = 0; i < n_shapes; i++)
        if (shapes[i] in vector) {
            printf "#define PX_SHAPE_%s(X)%s\n", shapes[i], of_shape[shapes[i]]
            all = all row[shapes[i]]
        }
    printf "#define PX_RUN_SHAPES(X)%s\n", all
}
