/* lists.c - a list that is sorted, a hash table, a tree; malloc and free. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct node {
    struct node *next, *left, *right;
    uint32_t key;
    int16_t half;
    int8_t byte;
} node;

static uint32_t seed = 7;
static uint32_t chance(void) { return seed = seed * 1664525 + 1013904223; }

static node *merge(node *a, node *b)
{
    node head = {0}, *last = &head;
    while (a != NULL && b != NULL) {
        node **least = a->key <= b->key ? &a : &b;
        last = last->next = *least;
        *least = (*least)->next;
    }
    last->next = a != NULL ? a : b;
    return head.next;
}

static node *sort(node *list)
{
    if (list == NULL || list->next == NULL)
        return list;
    node *slow = list, *fast = list->next;
    while (fast != NULL && fast->next != NULL) {
        slow = slow->next;
        fast = fast->next->next;
    }
    node *second = slow->next;
    slow->next = NULL;
    return merge(sort(list), sort(second));
}

static void insert(node **tree, node *n)
{
    while (*tree != NULL)
        tree = n->key < (*tree)->key ? &(*tree)->left : &(*tree)->right;
    *tree = n;
}

static int depth(const node *t)
{
    if (t == NULL)
        return 0;
    const int l = depth(t->left), r = depth(t->right);
    return 1 + (l > r ? l : r);
}

int main(void)
{
    node *list = NULL, *tree = NULL, *bucket[64] = {0};
    for (int i = 0; i < 700; i++) {
        node *n = calloc(1, sizeof *n);
        if (n == NULL)
            return 1;
        n->key = chance() >> 8;
        n->half = (int16_t)chance();
        n->byte = (int8_t)chance();
        n->next = list;
        list = n;
        insert(&tree, n);
    }
    list = sort(list);
    int32_t sum = 0;
    for (const node *n = list; n != NULL; n = n->next)
        sum = sum * 3 + n->half * n->byte + (n->next != NULL && n->key > n->next->key);
    for (node *n = list, *next; n != NULL; n = next) {
        next = n->next;
        n->next = bucket[n->key % 64];
        bucket[n->key % 64] = n;
    }
    size_t longest = 0;
    for (int i = 0; i < 64; i++) {
        size_t length = 0;
        for (const node *n = bucket[i]; n != NULL; n = n->next)
            length++;
        longest = length > longest ? length : longest;
    }
    printf("%d %d %zu\n", (int)sum, depth(tree), longest);
    for (int i = 0; i < 64; i++)
        for (node *n = bucket[i], *next; n != NULL; n = next) {
            next = n->next;
            free(n);
        }
    return 0;
}
