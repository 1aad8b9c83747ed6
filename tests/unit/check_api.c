/* What is wrong with a request, and which of its problems is told. */
#include "api.h"

#define VALIDATION    "ValidationException: "
#define SERIALIZATION "SerializationException: "
#define INVALID       VALIDATION "One or more parameter values were invalid: "

static void setup(void)
{
    api_setup("CREATE VIRTUAL TABLE Music USING dynamo("
              "Artist TEXT PARTITION KEY, Song TEXT SORT KEY, Year NUMBER,"
              "LOCAL INDEX by_year (Year) PROJECT KEYS,"
              "GLOBAL INDEX by_genre (Genre TEXT, Year) PROJECT (Label));"
              "CREATE VIRTUAL TABLE m USING dynamo(k TEXT PARTITION KEY);"
              "INSERT INTO m VALUES('1');");
}

/* --------------------------------------------------------- JSON and shape --
 */

#define KEY           "\"Key\":{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"s\"}}"
#define MUSIC         "{\"TableName\":\"Music\","
#define CONDITION     "\"ConditionExpression\":"
#define NOT_NULL      "' failed to satisfy constraint: Member must not be null"
#define ARN           "arn:aws:dynamodb:us-east-1:000000000000:table/"
#define OTHER_REGION  "arn:aws:dynamodb:eu-west-1:000000000000:table/Music"
#define OTHER_SERVICE "arn:aws:sqs:us-east-1:000000000000:table/Music"
#define OTHER_ACCOUNT "arn:aws:dynamodb:us-east-1:111122223333:table/Music"
#define BAD_ARN                                                                \
    VALIDATION "Invalid TableArn: Invalid ResourceArn provided as input "
#define DENIED(operation)                                                      \
    "AccessDeniedException: User: arn:aws:iam::000000000000:root is not "      \
    "authorized to perform: dynamodb:" operation                               \
    " on resource: " OTHER_ACCOUNT

static const exchange shapes[] = {
    {"getItem", "{}",
     "UnknownOperationException: DynamoDB has no operation getItem; it has "
     "GetItem"},
    {"", "{}",
     "UnknownOperationException: the name of an operation is missing, as "
     "'GetItem'"},
    {"CreateGlobalTable", "{}",
     "UnknownOperationException: this version of dynamo does not have "
     "CreateGlobalTable"},
    {"GetItem", "", SERIALIZATION "malformed JSON at byte 0: expected a value"},
    {"GetItem", "[]", SERIALIZATION "a request is a JSON object"},
    {"GetItem", "{\"TableName\":\"a\",\"TableName\":\"b\"}",
     SERIALIZATION "malformed JSON at byte 17: duplicate name \"TableName\""},
    {"GetItem", "{\"TableName\":23}",
     SERIALIZATION "NUMBER_VALUE cannot be converted to String"},
    {"GetItem", "{\"TableName\":34.56}",
     SERIALIZATION "DECIMAL_VALUE cannot be converted to String"},
    {"GetItem", "{\"TableName\":true}",
     SERIALIZATION "TRUE_VALUE cannot be converted to String"},
    {"GetItem", "{\"TableName\":[]}",
     SERIALIZATION "Unrecognized collection type class java.lang.String"},
    {"GetItem", "{\"TableName\":{}}",
     SERIALIZATION "Start of structure or map found where not expected"},
    {"GetItem", "{\"ConsistentRead\":\"truth\"}",
     SERIALIZATION "Unexpected token received from parser"},
    {"GetItem", MUSIC KEY ",\"ConsistentRead\":\"Yes\"}", "{}"},
    {"GetItem", MUSIC KEY ",\"ConsistentRead\":\"0\"}", "{}"},
    {"GetItem", "{\"ConsistentRead\":1}",
     SERIALIZATION "NUMBER_VALUE cannot be converted to Boolean"},
    {"GetItem", "{\"Key\":1}", SERIALIZATION "Unexpected field type"},
    {"GetItem", "{\"Key\":[]}",
     SERIALIZATION "Unrecognized collection type java.util.Map<java.lang."
                   "String, com.amazonaws.dynamodb.v20120810.AttributeValue>"},
    {"BatchWriteItem", "{\"RequestItems\":[]}",
     SERIALIZATION "Unrecognized collection type java.util.Map<java.lang."
                   "String, java.util.List<com.amazonaws.dynamodb.v20120810."
                   "WriteRequest>>"},
    {"BatchWriteItem",
     "{\"RequestItems\":{\"x\":[{\"PutRequest\":{\"Item\":{\"a\":{\"BOOL\":true"
     "}}}}]}}",
     "ResourceNotFoundException: Requested resource not found"},
    {"BatchWriteItem",
     "{\"RequestItems\":{\"\":[{\"PutRequest\":{\"Item\":{\"a\":{\"BOOL\":true}"
     "}}}]}}",
     VALIDATION "1 validation error detected: Value "
                "'{=[WriteRequest(putRequest=PutRequest(item={a=AttributeValue("
                "bOOL=true)}))]}' at 'requestItems' failed to satisfy "
                "constraint: Map keys must satisfy constraint: [Member must "
                "have length less than or equal to 1024, Member must have "
                "length greater than or equal to 1]"},
    {"BatchWriteItem", "{\"RequestItems\":{}}",
     VALIDATION "The requestItems parameter is required for BatchWriteItem"},
    {"BatchGetItem", "{\"RequestItems\":{}}",
     VALIDATION "The requestItems parameter is required for BatchGetItem"},
    {"BatchGetItem", "{\"RequestItems\":{},\"ReturnConsumedCapacity\":\"x\"}",
     VALIDATION "1 validation error detected: Value 'x' at "
                "'returnConsumedCapacity' failed to satisfy constraint: Member "
                "must satisfy enum value set: [INDEXES, TOTAL, NONE]"},
    {"BatchGetItem", "{}",
     VALIDATION
     "1 validation error detected: Value null at 'requestItems" NOT_NULL},
    {"BatchGetItem", "{\"RequestItems\":{\"Music\":{\"Keys\":[]}}}",
     VALIDATION "1 validation error detected: Value at "
                "'RequestItems.Music.member.Keys' failed to satisfy "
                "constraint: Member must have length greater than or equal to "
                "1"},
    {"GetItem", "{\"Key\":{\"a\":1}}",
     SERIALIZATION "Unexpected value type in payload"},
    {"GetItem", "{\"Key\":{\"a\":[]}}",
     SERIALIZATION "Unrecognized collection type class "
                   "com.amazonaws.dynamodb.v20120810.AttributeValue"},
    {"GetItem", "{\"Key\":{\"a\":{\"S\":1}}}",
     SERIALIZATION "NUMBER_VALUE cannot be converted to String"},
    {"GetItem", "{\"Key\":{\"a\":{\"M\":{\"b\":{\"L\":[{\"N\":1}]}}}}}",
     SERIALIZATION "NUMBER_VALUE cannot be converted to String"},
    {"GetItem", "{\"Key\":{\"a\":{\"B\":1}}}",
     SERIALIZATION "only base-64-encoded strings are convertible to bytes"},
    {"GetItem", "{\"Key\":{\"a\":{\"B\":\"23456\"}}}",
     SERIALIZATION "Base64 encoded length is expected a multiple of 4 bytes "
                   "but found: 5"},
    {"GetItem", "{\"Key\":{\"a\":{\"B\":\"=+/=\"}}}",
     SERIALIZATION "Invalid last non-pad Base64 character dectected"},
    {"GetItem", "{\"Key\":{\"a\":{\"SS\":\"x\"}}}",
     SERIALIZATION "Unexpected field type"},
    {"Scan", "{\"Limit\":\"1\"}",
     SERIALIZATION "STRING_VALUE cannot be converted to Integer"},
    {"Scan", "{\"Limit\":2147483648}",
     SERIALIZATION "NUMBER_VALUE cannot be converted to Integer"},

    {"GetItem", "{}",
     VALIDATION
     "2 validation errors detected: Value null at 'tableName" NOT_NULL
     "; Value null at 'key" NOT_NULL},
    {"GetItem", "{\"TableName\":null," KEY "}",
     VALIDATION
     "1 validation error detected: Value null at 'tableName" NOT_NULL},
    /* Where a table may be named by its ARN, a name only has a length. */
    {"GetItem", "{\"TableName\":\"\"," KEY "}",
     VALIDATION "1 validation error detected: Value '' at 'tableName' failed "
                "to satisfy constraint: Member must have length greater than "
                "or equal to 1"},
    {"TransactGetItems",
     "{\"TransactItems\":[{\"Get\":{\"TableName\":\"\"," KEY "}}]}",
     VALIDATION "1 validation error detected: Value '' at "
                "'transactItems.1.member.get.tableName' failed to satisfy "
                "constraint: Member must have length greater than or equal to "
                "1"},
    {"GetItem", "{\"TableName\":\"ab\"," KEY "}",
     "ResourceNotFoundException: Requested resource not found"},
    {"GetItem", "{\"TableName\":\"abc;\"," KEY "}",
     "ResourceNotFoundException: Requested resource not found"},
    {"GetItem", "{\"TableName\":\"m\",\"Key\":{\"k\":{\"S\":\"1\"}}}",
     "{\"Item\":{\"k\":{\"S\":\"1\"}}}"},
    {"BatchGetItem",
     "{\"RequestItems\":{\"m\":{\"Keys\":[{\"k\":{\"S\":\"1\"}}]}}}",
     "{\"Responses\":{\"m\":[{\"k\":{\"S\":\"1\"}}]},\"UnprocessedKeys\":{}}"},
    {"Scan", "{\"TableName\":\"m\",\"Select\":\"COUNT\"}",
     "{\"Count\":1,\"ScannedCount\":1}"},
    {"GetItem",
     MUSIC KEY ",\"AttributesToGet\":[],\"ReturnConsumedCapacity\":\"ALL\"}",
     VALIDATION
     "2 validation errors detected: Value '[]' at 'attributesToGet' failed to "
     "satisfy constraint: Member must have length greater than or equal to 1; "
     "Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: "
     "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"},
    {"Scan", MUSIC "\"Limit\":0,\"TotalSegments\":1000001}",
     VALIDATION "2 validation errors detected: Value at 'Limit' failed to "
                "satisfy constraint: Member must have value greater than or "
                "equal to 1; Value '1000001' at 'totalSegments' failed to "
                "satisfy constraint: Member must have value less than or equal "
                "to 1000000"},
    {"Query", MUSIC "\"Limit\":0}",
     VALIDATION "1 validation error detected: Value at 'Limit' failed to "
                "satisfy constraint: Member must have value greater than or "
                "equal to 1"},
    {"Query", MUSIC "\"Select\":\"ALL\"}",
     VALIDATION "1 validation error detected: Value 'ALL' at 'select' failed "
                "to satisfy constraint: Member must satisfy enum value set: "
                "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, "
                "ALL_PROJECTED_ATTRIBUTES]"},
    {"Query",
     MUSIC "\"KeyConditions\":{\"A\":{},\"b\":{\"ComparisonOperator\":\"x\"}}}",
     VALIDATION
     "2 validation errors detected: Value null at "
     "'keyConditions.A.member.comparisonOperator" NOT_NULL
     "; Value 'x' at 'keyConditions.b.member.comparisonOperator' failed to "
     "satisfy constraint: Member must satisfy enum value set: [EQ, NE, IN, LE, "
     "LT, GE, GT, BETWEEN, NOT_NULL, NULL, CONTAINS, NOT_CONTAINS, "
     "BEGINS_WITH]"},
    {"Query", MUSIC "\"KeyConditions\":{\"a\":null}}",
     VALIDATION "1 validation error detected: Value null at "
                "'keyConditions.a.member" NOT_NULL},
    {"GetItem", MUSIC KEY ",\"AttributesToGet\":[\"a\",null]}",
     VALIDATION "1 validation error detected: Value null at "
                "'attributesToGet.2.member" NOT_NULL},
    {"DescribeTable", "{}",
     VALIDATION "The parameter 'TableName' is required but was not present in "
                "the request"},
    {"DeleteTable", "{\"TableName\":\"ab\"}",
     VALIDATION "1 validation error detected: Value 'ab' at 'tableName' failed "
                "to satisfy constraint: Member must have length greater than "
                "or equal to 3"},
    /* The first thing that is wrong with the name comes before all else. */
    {"CreateTable", "{\"TableName\":\"\"}",
     VALIDATION "1 validation error detected: Value '' at 'tableName' failed "
                "to satisfy constraint: Member must have length greater than "
                "or equal to 3"},
    {"UpdateTable", "{\"TableName\":\"a;\",\"BillingMode\":\"FREE\"}",
     VALIDATION "1 validation error detected: Value 'a;' at 'tableName' failed "
                "to satisfy constraint: Member must have length greater than "
                "or equal to 3"},
    {"CreateTable",
     "{\"TableName\":\"abc\",\"BillingMode\":\"PAY_PER_REQUEST\","
     "\"AttributeDefinitions\":[{\"AttributeName\":\"a\",\"AttributeType\":"
     "\"S\"}],\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"},{"
     "\"KeyType\":\"RANGE\",\"AttributeName\":\"b\"},{\"AttributeName\":\"c\","
     "\"KeyType\":\"RANGE\"}]}",
     VALIDATION
     "1 validation error detected: Value '[KeySchemaElement(attributeName=a, "
     "keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE), "
     "KeySchemaElement(attributeName=c, keyType=RANGE)]' at 'keySchema' failed "
     "to satisfy constraint: Member must have length less than or equal to 2"},
    {"DescribeTable", "{\"TableName\":\"a;b\"}",
     VALIDATION
     "1 validation error detected: Value 'a;b' at 'tableName' failed "
     "to satisfy constraint: Member must satisfy regular expression "
     "pattern: [a-zA-Z0-9_.-]+"},
    {"ListTagsOfResource", "{}", VALIDATION "Invalid TableArn"},
    {"ListTagsOfResource", "{\"ResourceArn\":\"\"}", BAD_ARN},
    {"ListTagsOfResource", "{\"ResourceArn\":\"abcd\"}", BAD_ARN "abcd"},
    {"ListTagsOfResource", "{\"ResourceArn\":\"" ARN "Music\"}",
     "{\"Tags\":[]}"},
    {"ListTagsOfResource", "{\"ResourceArn\":\"" ARN "none\"}",
     "ResourceNotFoundException: Requested resource not found: "
     "ResourcArn: " ARN "none not found"},
    {"ListTagsOfResource", "{\"ResourceArn\":\"" ARN "ab\"}", BAD_ARN ARN "ab"},
    {"ListTagsOfResource", "{\"ResourceArn\":\"" ARN "Music/index/by_year\"}",
     BAD_ARN ARN "Music/index/by_year"},
    {"ListTagsOfResource", "{\"ResourceArn\":\"" OTHER_REGION "\"}",
     BAD_ARN OTHER_REGION},
    {"ListTagsOfResource", "{\"ResourceArn\":\"" OTHER_SERVICE "\"}",
     BAD_ARN OTHER_SERVICE},
    {"ListTagsOfResource", "{\"ResourceArn\":\"" OTHER_ACCOUNT "\"}",
     DENIED("ListTagsOfResource")},
    {"TagResource", "{\"ResourceArn\":\"" OTHER_ACCOUNT "\",\"Tags\":[]}",
     DENIED("TagResource")},
    {"UntagResource", "{\"ResourceArn\":\"" OTHER_ACCOUNT "\",\"TagKeys\":[]}",
     DENIED("UntagResource")},
    {"TagResource", "{\"ResourceArn\":\"" OTHER_REGION "\",\"Tags\":[]}",
     BAD_ARN OTHER_REGION},
    {"UntagResource", "{\"ResourceArn\":\"\",\"TagKeys\":[]}", BAD_ARN},
    /* The ARN is told before what the tags lack. */
    {"TagResource", "{}", "ValidationException: Invalid TableArn"},
    {"UntagResource", "{\"ResourceArn\":\"x\"}", BAD_ARN "x"},
    {"TagResource", "{\"ResourceArn\":\"" ARN "none\"}",
     "ValidationException: 1 validation error detected: Value null at 'tags' "
     "failed to satisfy constraint: Member must not be null"},
    {"UntagResource",
     "{\"ResourceArn\":\"arn:aws:dynamodb:us-east-1:000000000000:table/none\","
     "\"TagKeys\":[\"a\"]}",
     "ResourceNotFoundException: Requested resource not found"},
    /* What the shape does not have is passed over. */
    {"GetItem", MUSIC KEY ",\"Nonsense\":[1]}", "{}"},
    {"GetItem", MUSIC KEY ",\"ExpressionAttributeValues\":1}", "{}"},
};

START_TEST(a_request_has_to_have_its_shape)
{
    check_exchange(&shapes[_i]);
}
END_TEST

/* ------------------------------------------------------------------ items --
 */

#define NAMES  "\"ExpressionAttributeNames\":"
#define VALUES "\"ExpressionAttributeValues\":"
#define NO_KEY VALIDATION "The provided key element does not match the schema"
#define ITEM(more)                                                             \
    "\"Item\":{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"s\"}" more "}"
#define EMPTY_VALUE                                                            \
    "Supplied AttributeValue is empty, must contain exactly one of the "       \
    "supported datatypes"

static const exchange items[] = {
    {"GetItem", "{\"TableName\":\"None\"," KEY "}",
     "ResourceNotFoundException: Requested resource not found"},
    {"GetItem", "{\"TableName\":\"music\"," KEY "}",
     "ResourceNotFoundException: Requested resource not found"},
    {"GetItem", "{\"TableName\":\"main.Music\"," KEY "}", "{}"},
    {"GetItem",
     "{\"TableName\":\"arn:aws:dynamodb:eu-west-1:1:table/Music\"," KEY "}",
     "{}"},
    {"GetItem", MUSIC "\"Key\":{}}", NO_KEY},
    {"GetItem", MUSIC "\"Key\":{\"Artist\":{\"S\":\"a\"}}}", NO_KEY},
    {"GetItem",
     MUSIC "\"Key\":{\"Artist\":{\"S\":\"a\"},\"Song\":{\"N\":\"1\"}}}",
     NO_KEY},
    {"GetItem",
     MUSIC "\"Key\":{\"Artist\":{\"S\":\"a\"},\"song\":{\"S\":\"s\"}}}",
     NO_KEY},
    {"GetItem",
     MUSIC "\"Key\":{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"\"}}}",
     INVALID "The AttributeValue for a key attribute cannot contain an empty "
             "string value. Key: Song"},
    {"GetItem", MUSIC "\"Key\":{\"Artist\":{}}}", VALIDATION EMPTY_VALUE},
    /* What is wrong with a value comes before there being two of them. */
    {"GetItem", MUSIC "\"Key\":{\"Artist\":{\"S\":\"a\",\"N\":\"\"}}}",
     VALIDATION "The parameter cannot be converted to a numeric value"},
    {"GetItem", MUSIC "\"Key\":{\"Artist\":{\"N\":\"\",\"S\":\"a\"}}}",
     VALIDATION "The parameter cannot be converted to a numeric value"},
    {"GetItem", MUSIC "\"Key\":{\"Artist\":{\"S\":\"a\",\"SS\":[]}}}",
     INVALID "An string set  may not be empty"},
    {"GetItem", MUSIC "\"Key\":{\"Artist\":{\"S\":\"a\",\"N\":\"1\"}}}",
     VALIDATION "Supplied AttributeValue has more than one datatypes set, must "
                "contain exactly one of the supported datatypes"},
    {"GetItem", MUSIC KEY ",\"AttributesToGet\":[\"a\",\"b\",\"a\"]}",
     INVALID "Duplicate value in attribute name: a"},
    {"GetItem", MUSIC KEY ",\"ProjectionExpression\":\"Artist.x\"}",
     VALIDATION "Key attributes must be scalars; list random access '[]' and "
                "map lookup '.' are not allowed: Key: Artist"},

    {"PutItem", MUSIC "\"Item\":{}}",
     INVALID "Missing the key Artist in the "
             "item"},
    {"PutItem", MUSIC ITEM(",\"x\":{\"SS\":[\"a\",\"a\"]}") "}",
     INVALID "Input collection [a, a] contains duplicates."},
    {"PutItem", MUSIC ITEM(",\"Year\":{\"S\":\"x\"}") "}",
     INVALID "Type mismatch for Index Key Year Expected: N Actual: S "
             "IndexName: by_genre"},
    {"PutItem",
     MUSIC ITEM(",\"Year\":{\"S\":\"x\"}") "," CONDITION
                                           "\"attribute_exists(x)\"}",
     INVALID "Type mismatch for Index Key Year Expected: N Actual: S "
             "IndexName: by_genre"},
    {"PutItem", MUSIC ITEM("") ",\"ReturnValues\":\"ALL_NEW\"}",
     VALIDATION "ReturnValues can only be ALL_OLD or NONE"},
    {"DeleteItem", MUSIC KEY ",\"ReturnValues\":\"UPDATED_OLD\"}",
     VALIDATION "ReturnValues can only be ALL_OLD or NONE"},

    {"UpdateItem",
     MUSIC KEY ",\"UpdateExpression\":\"SET Song = :s\"," VALUES
               "{\":s\":{\"S\":\"s\"}}}",
     INVALID "Cannot update attribute Song. This attribute is part of the key"},
    {"UpdateItem", MUSIC KEY ",\"UpdateExpression\":\"REMOVE Artist[0]\"}",
     INVALID
     "Cannot update attribute Artist. This attribute is part of the key"},
    /* What the request tells comes before the condition. */
    {"UpdateItem",
     MUSIC KEY ",\"UpdateExpression\":\"SET Genre = Artist + :n\"," CONDITION
               "\"attribute_exists(x)\"," VALUES "{\":n\":{\"N\":\"1\"}}}",
     INVALID "Type mismatch for Index Key Genre Expected: S Actual: N "
             "IndexName: by_genre"},
    {"UpdateItem",
     MUSIC KEY ",\"UpdateExpression\":\"SET #y = Artist\"," NAMES
               "{\"#y\":\"Year\"}}",
     VALIDATION "The update expression attempted to update the secondary index "
                "key to unsupported type"},
    {"UpdateItem", MUSIC KEY ",\"UpdateExpression\":\"REMOVE Genre.x\"}",
     VALIDATION "Key attributes must be scalars; list random access '[]' and "
                "map lookup '.' are not allowed: IndexKey: Genre"},
    {"UpdateItem", MUSIC KEY ",\"UpdateExpression\":\"SET x = Genre.x\"}",
     VALIDATION "Key attributes must be scalars; list random access '[]' and "
                "map lookup '.' are not allowed: IndexKey: Genre"},
    {"GetItem", MUSIC KEY ",\"ProjectionExpression\":\"Genre[0]\"}",
     VALIDATION "Key attributes must be scalars; list random access '[]' and "
                "map lookup '.' are not allowed: IndexKey: Genre"},
    {"UpdateItem",
     MUSIC KEY ",\"UpdateExpression\":\"SET x.y = :s, z = w\"," VALUES
               "{\":s\":{\"S\":\"s\"}}}",
     VALIDATION "The provided expression refers to an attribute that does not "
                "exist in the item"},
    {"UpdateItem",
     MUSIC KEY ",\"UpdateExpression\":\"SET x.y = :s\"," VALUES
               "{\":s\":{\"S\":\"s\"}}}",
     VALIDATION "The document path provided in the update expression is "
                "invalid for update"},
};

START_TEST(an_item_has_to_be_named_and_whole)
{
    check_exchange(&items[_i]);
}
END_TEST

/* ------------------------------------------------------------ expressions --
 */

#define MIXED(older, newer)                                                    \
    VALIDATION "Can not use both expression and non-expression parameters in " \
               "the same request: Non-expression parameters: {" older          \
               "} Expression parameters: {" newer "}"

static const exchange expressions[] = {
    {"PutItem",
     MUSIC ITEM("") "," CONDITION "\"attribute_exists(x)\",\"Expected\":{}}",
     MIXED("Expected", "ConditionExpression")},
    {"UpdateItem",
     MUSIC KEY ",\"UpdateExpression\":\"REMOVE x\"," CONDITION
               "\"attribute_exists(x)\",\"Expected\":{},"
               "\"AttributeUpdates\":{}}",
     MIXED("AttributeUpdates, Expected", "UpdateExpression, "
                                         "ConditionExpression")},
    {"GetItem",
     MUSIC KEY ",\"ProjectionExpression\":\"x\",\"AttributesToGet\":[\"x\"]}",
     MIXED("AttributesToGet", "ProjectionExpression")},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"a = b\",\"KeyConditions\":{},"
           "\"QueryFilter\":{}}",
     MIXED("QueryFilter, KeyConditions", "KeyConditionExpression")},
    {"PutItem", MUSIC ITEM("") "," NAMES "{\"#a\":\"a\"}}",
     VALIDATION "ExpressionAttributeNames can only be specified when using "
                "expressions"},
    {"PutItem", MUSIC ITEM("") "," VALUES "{\":a\":{\"S\":\"a\"}}}",
     VALIDATION "ExpressionAttributeValues can only be specified when using "
                "expressions: ConditionExpression is null"},
    {"UpdateItem", MUSIC KEY "," VALUES "{\":a\":{\"S\":\"a\"}}}",
     VALIDATION "ExpressionAttributeValues can only be specified when using "
                "expressions: UpdateExpression and ConditionExpression are "
                "null"},
    {"Scan",
     MUSIC "\"ProjectionExpression\":\"x\"," VALUES "{\":a\":{\"S\":\"a\"}}}",
     VALIDATION "ExpressionAttributeValues can only be specified when using "
                "expressions: FilterExpression is null"},
    {"PutItem", MUSIC ITEM("") "," CONDITION "\"a = :a\"," VALUES "{}}",
     VALIDATION "ExpressionAttributeValues must not be empty"},
    {"PutItem",
     MUSIC ITEM("") "," CONDITION "\"a = :a\"," VALUES "{\":a\":{}}}",
     VALIDATION "ExpressionAttributeValues contains invalid value: " EMPTY_VALUE
                " for key :a"},
    /* Names come before values. */
    {"PutItem",
     MUSIC ITEM("") "," CONDITION "\"a = :a\"," VALUES "{\":a\":{},\"b\":{}}}",
     VALIDATION "ExpressionAttributeValues contains invalid key: Syntax error; "
                "key: \"b\""},
    {"PutItem",
     MUSIC ITEM("") "," CONDITION "\"a = :a\"," NAMES "{\"n\":\"a\"}," VALUES
                    "{\":a\":{}}}",
     VALIDATION "ExpressionAttributeNames contains invalid key: Syntax error; "
                "key: \"n\""},
    {"PutItem",
     MUSIC ITEM("") "," CONDITION "\"#a = #b\"," NAMES
                    "{\"#a\":\"a\",\"#b\":\"b\",\"#c\":\"c\"}}",
     VALIDATION "Value provided in ExpressionAttributeNames unused in "
                "expressions: keys: {#c}"},
    {"PutItem", MUSIC ITEM("") "," CONDITION "\"size\"}",
     VALIDATION "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", "
                "near: \"size\""},
    {"PutItem", MUSIC ITEM("") "," CONDITION "\"\"}",
     VALIDATION "Invalid ConditionExpression: The expression can not be "
                "empty;"},
    /* Expressions are read before the table is looked for. */
    {"PutItem", "{\"TableName\":\"None\"," ITEM("") "," CONDITION "\"a = :a\"}",
     VALIDATION "Invalid ConditionExpression: An expression attribute value "
                "used in expression is not defined; attribute value: :a"},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"Artist = :a\",\"FilterExpression\":"
           "\"Song = :a\"," VALUES "{\":a\":{\"S\":\"a\"}}}",
     VALIDATION "Filter Expression can only contain non-primary key "
                "attributes: Primary key attribute: Song"},
};

START_TEST(expressions_have_to_be_right_and_used)
{
    check_exchange(&expressions[_i]);
}
END_TEST

/* ------------------------------------------------------------------ pages --
 */

#define BY_ARTIST                                                              \
    "\"KeyConditionExpression\":\"Artist = :a\"," VALUES                       \
    "{\":a\":{\"S\":\"a\"}}"
#define BY_GENRE                                                               \
    "\"IndexName\":\"by_genre\",\"KeyConditionExpression\":\"Genre = "         \
    ":a\"," VALUES "{\":a\":{\"S\":\"a\"}}"
#define START     "\"ExclusiveStartKey\":"
#define BAD_START VALIDATION "The provided starting key is invalid"
#define OUTSIDE                                                                \
    VALIDATION "The provided starting key is outside query boundaries based "  \
               "on provided conditions"

static const exchange pages[] = {
    {"Query", "{\"TableName\":\"Music\"}",
     VALIDATION "Either the KeyConditions or KeyConditionExpression parameter "
                "must be specified in the request."},
    {"Query", MUSIC "\"IndexName\":\"none\"," BY_ARTIST "}",
     VALIDATION "The table does not have the specified index: none"},
    {"Scan", MUSIC "\"IndexName\":\"none\"}",
     VALIDATION "The table does not have the specified index: none"},
    {"Query", MUSIC BY_GENRE ",\"ConsistentRead\":true}",
     VALIDATION "Consistent reads are not supported on global secondary "
                "indexes"},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"Song = :a\"," VALUES
           "{\":a\":{\"S\":\"a\"}}}",
     VALIDATION "Query condition missed key schema element: Artist"},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"Artist > :a\"," VALUES
           "{\":a\":{\"S\":\"a\"}}}",
     VALIDATION "Query key condition not supported"},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"Artist = :a\"," VALUES
           "{\":a\":{\"N\":\"1\"}}}",
     INVALID "Condition parameter type does not match schema type"},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"Artist = :a\"," VALUES
           "{\":a\":{\"S\":\"\"}}}",
     VALIDATION
     "One or more parameter values are not valid. The AttributeValue "
     "for a key attribute cannot contain an empty string value. "
     "Key: Artist"},

    {"Query", MUSIC BY_ARTIST ",\"Select\":\"ALL_PROJECTED_ATTRIBUTES\"}",
     VALIDATION "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using "
                "an IndexName"},
    {"Query", MUSIC BY_GENRE ",\"Select\":\"ALL_ATTRIBUTES\"}",
     INVALID "Select type ALL_ATTRIBUTES is not supported for global secondary "
             "index by_genre because its projection type is not ALL"},
    {"Query", MUSIC BY_ARTIST ",\"Select\":\"SPECIFIC_ATTRIBUTES\"}",
     VALIDATION "Must specify the AttributesToGet or ProjectionExpression when "
                "choosing to get SPECIFIC_ATTRIBUTES"},
    {"Scan", MUSIC "\"ProjectionExpression\":\"x\",\"Select\":\"COUNT\"}",
     VALIDATION "Cannot specify the ProjectionExpression when choosing to get "
                "only the Count"},
    {"Scan", MUSIC "\"AttributesToGet\":[\"x\"],\"Select\":\"ALL_ATTRIBUTES\"}",
     VALIDATION "Cannot specify the AttributesToGet when choosing to get "
                "ALL_ATTRIBUTES"},
    {"Query", MUSIC BY_GENRE ",\"ProjectionExpression\":\"Label, x, Song, y\"}",
     INVALID "Global secondary index by_genre does not project [x, y]"},
    {"Query", MUSIC BY_GENRE ",\"FilterExpression\":\"attribute_exists(x)\"}",
     INVALID "Global secondary index by_genre does not project one or more "
             "filter attributes: [x]"},

    {"Scan", MUSIC "\"Segment\":0}",
     VALIDATION "The TotalSegments parameter is required but was not present "
                "in the request when Segment parameter is present"},
    {"Scan", MUSIC "\"TotalSegments\":1}",
     VALIDATION "The Segment parameter is required but was not present in the "
                "request when parameter TotalSegments is present"},
    {"Scan", MUSIC "\"Segment\":1,\"TotalSegments\":1}",
     VALIDATION "The Segment parameter is zero-based and must be less than "
                "parameter TotalSegments: Segment: 1 is not less than "
                "TotalSegments: 1"},

    {"Query", MUSIC BY_ARTIST "," START "{\"Artist\":{\"S\":\"a\"}}}",
     BAD_START},
    {"Query",
     MUSIC BY_ARTIST "," START
                     "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"N\":\"1\"}}}",
     VALIDATION "The provided key element does not match the schema"},
    {"Query",
     MUSIC BY_ARTIST "," START
                     "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"\"}}}",
     INVALID "The AttributeValue for a key attribute cannot contain an empty "
             "string value. Key: Song"},
    {"Scan", MUSIC START "{\"Artist\":{\"S\":\"a\"}}}",
     BAD_START ": The provided key element does not match the schema"},
    {"Scan", MUSIC START "{\"Artist\":{\"NS\":[]}}}",
     INVALID "An number set  may not be empty"},
    {"Scan", MUSIC START "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"N\":\"1\"}}}",
     BAD_START ": The provided key element does not match the schema"},
    {"Query",
     MUSIC BY_GENRE "," START
                    "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"s\"},"
                    "\"Genre\":{\"S\":\"a\"},\"Year\":{\"S\":\"1\"}}}",
     VALIDATION "The provided key element does not match the schema"},
    {"Query",
     MUSIC BY_GENRE "," START
                    "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"N\":\"1\"},"
                    "\"Genre\":{\"S\":\"a\"},\"Year\":{\"N\":\"1\"}}}",
     BAD_START ": The provided key element does not match the schema"},
    {"Query", MUSIC BY_ARTIST "," START "{\"Artist\":{}}}",
     BAD_START ": " EMPTY_VALUE},
    {"Query",
     MUSIC BY_ARTIST "," START
                     "{\"Artist\":{\"S\":\"b\"},\"Song\":{\"S\":\"s\"}}}",
     OUTSIDE},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"Artist = :a AND Song > :a\"," VALUES
           "{\":a\":{\"S\":\"a\"}}," START
           "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"a\"}}}",
     VALIDATION "The provided starting key does not match the range key "
                "predicate"},
    {"Query",
     MUSIC "\"KeyConditionExpression\":\"Artist = :a AND Song >= :a\"," VALUES
           "{\":a\":{\"S\":\"a\"}}," START
           "{\"Artist\":{\"S\":\"b\"},\"Song\":{\"S\":\"a\"}}}",
     VALIDATION "The query can return at most one row and cannot be restarted"},
    {"Query",
     MUSIC BY_GENRE "," START
                    "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"s\"}}}",
     BAD_START},
    {"Query",
     MUSIC BY_GENRE "," START
                    "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"s\"},"
                    "\"Genre\":{\"S\":\"a\"},\"Year\":{\"N\":\"1\"}}}",
     "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}"},
    {"Scan",
     MUSIC "\"TotalSegments\":1000000,\"Segment\":0," START
           "{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"s\"}}}",
     BAD_START ": Invalid ExclusiveStartKey. Please use ExclusiveStartKey with "
               "correct Segment. TotalSegments: 1000000 Segment: 0"},
};

START_TEST(a_page_has_to_be_there)
{
    check_exchange(&pages[_i]);
}
END_TEST

/* ----------------------------------------------------------------- legacy --
 */

#define EXPECTED(what) MUSIC ITEM("") ",\"Expected\":{\"x\":{" what "}}}"
#define UPDATES(what)  MUSIC KEY ",\"AttributeUpdates\":{\"x\":{" what "}}}"
#define KEYS(what)     MUSIC "\"KeyConditions\":{" what "}}"
#define ONE            "{\"N\":\"1\"}"

static const exchange legacy[] = {
    {"PutItem", EXPECTED(""),
     INVALID "Value must be provided when Exists is null for Attribute: x"},
    {"PutItem", EXPECTED("\"Exists\":true"),
     INVALID "Value must be provided when Exists is true for Attribute: x"},
    {"PutItem", EXPECTED("\"Exists\":false,\"Value\":" ONE),
     INVALID "Value cannot be used when Exists is false for Attribute: x"},
    {"PutItem", EXPECTED("\"Value\":" ONE ",\"AttributeValueList\":[]"),
     INVALID "Value and AttributeValueList cannot be used together for "
             "Attribute: x"},
    {"PutItem", EXPECTED("\"AttributeValueList\":[" ONE "]"),
     INVALID "AttributeValueList can only be used with a ComparisonOperator "
             "for Attribute: x"},
    {"PutItem", EXPECTED("\"Exists\":true,\"ComparisonOperator\":\"EQ\""),
     INVALID "Exists and ComparisonOperator cannot be used together for "
             "Attribute: x"},
    {"PutItem", EXPECTED("\"ComparisonOperator\":\"EQ\""),
     INVALID "Value or AttributeValueList must be used with "
             "ComparisonOperator: EQ for Attribute: x"},
    {"PutItem",
     EXPECTED("\"ComparisonOperator\":\"NULL\",\"AttributeValueList\":[" ONE
              "]"),
     INVALID "Invalid number of argument(s) for the NULL ComparisonOperator"},
    {"PutItem",
     EXPECTED("\"ComparisonOperator\":\"BETWEEN\",\"AttributeValueList\":[" ONE
              ",{\"S\":\"a\"}]"),
     INVALID "AttributeValues inside AttributeValueList must be of same type"},
    {"PutItem",
     EXPECTED("\"ComparisonOperator\":\"BETWEEN\",\"AttributeValueList\":[{"
              "\"BOOL\":true}," ONE "]"),
     INVALID "AttributeValues inside AttributeValueList must be of same type"},
    {"PutItem",
     EXPECTED("\"ComparisonOperator\":\"LT\",\"AttributeValueList\":[{"
              "\"BOOL\":true}]"),
     INVALID "ComparisonOperator LT is not valid for BOOL AttributeValue type"},
    {"PutItem", MUSIC ITEM("") ",\"ConditionalOperator\":\"OR\"}",
     VALIDATION "ConditionalOperator cannot be used without Filter or "
                "Expected"},
    {"PutItem",
     MUSIC ITEM("") ",\"ConditionalOperator\":\"OR\",\"Expected\":{\"x\":{"
                    "\"Exists\":false}}}",
     VALIDATION "ConditionalOperator can only be used when Filter or Expected "
                "has two or more elements"},

    {"UpdateItem", UPDATES(""),
     INVALID "Only DELETE action is allowed when no attribute value is "
             "specified"},
    {"UpdateItem", UPDATES("\"Action\":\"DELETE\",\"Value\":" ONE),
     INVALID "DELETE action with value is not supported for the type N"},
    {"UpdateItem", UPDATES("\"Action\":\"ADD\",\"Value\":{\"S\":\"a\"}"),
     INVALID "ADD action is not supported for the type S"},

    {"Query", KEYS(""), VALIDATION "Conditions can be of length 1 or 2 only"},
    {"Query",
     KEYS("\"Artist\":{\"ComparisonOperator\":\"NE\",\"AttributeValueList\":"
          "[" ONE "]}"),
     VALIDATION "Attempted conditional constraint is not an indexable "
                "operation"},
    {"Query",
     KEYS("\"Artist\":{\"ComparisonOperator\":\"GT\",\"AttributeValueList\":[{"
          "\"S\":\"a\"}]}"),
     VALIDATION "Query key condition not supported"},
    {"Query",
     KEYS("\"Artist\":{\"ComparisonOperator\":\"EQ\",\"AttributeValueList\":[{"
          "\"S\":\"a\"}]}},\"QueryFilter\":{\"Song\":{\"ComparisonOperator\":"
          "\"NULL\"}"),
     VALIDATION "QueryFilter can only contain non-primary key attributes: "
                "Primary key attribute: Song"},
};

START_TEST(older_parameters_have_their_own_rules)
{
    check_exchange(&legacy[_i]);
}
END_TEST

/* --------------------------------------------------------- several faults --
 */

#define NOT_INDEXABLE                                                          \
    "\"KeyConditions\":{\"z\":{\"ComparisonOperator\":\"NULL\"}}"
#define BY_NOTHING                                                             \
    "\"KeyConditions\":{\"Artist\":{\"ComparisonOperator\":\"NE\","            \
    "\"AttributeValueList\":[{\"N\":\"1\"}]}}"
#define ABSENT    "{\"TableName\":\"absent\","
#define NO_TABLE  "ResourceNotFoundException: Requested resource not found"
#define EMPTY_KEY START "{}"
#define SCALARS                                                                \
    VALIDATION "Key attributes must be scalars; list random access '[]' and "  \
               "map lookup '.' are not allowed: "

static const exchange faults[] = {
    {"Query", ABSENT NOT_INDEXABLE "}", NO_TABLE},
    {"Query", ABSENT NOT_INDEXABLE "," EMPTY_KEY "}", NO_TABLE},
    {"Query",
     ABSENT "\"KeyConditionExpression\":\":b > :a AND a < :b\"," VALUES
            "{\":a\":{\"S\":\"a\"},\":b\":{\"S\":\"b\"}}}",
     VALIDATION "Invalid condition in KeyConditionExpression: No key attribute "
                "specified"},
    {"Query", MUSIC "\"IndexName\":\"none\"," NOT_INDEXABLE "," EMPTY_KEY "}",
     VALIDATION "The table does not have the specified index: none"},
    {"Query",
     MUSIC "\"IndexName\":\"by_genre\",\"ConsistentRead\":true," NOT_INDEXABLE
           "," EMPTY_KEY "}",
     VALIDATION "Consistent reads are not supported on global secondary "
                "indexes"},
    {"Query", MUSIC NOT_INDEXABLE "," EMPTY_KEY "}", BAD_START},
    {"Query", MUSIC NOT_INDEXABLE "}",
     VALIDATION "Query condition missed key schema element: Artist"},
    {"Query",
     MUSIC BY_NOTHING "," START
                      "{\"Artist\":{\"N\":\"1\"},\"Song\":{\"S\":\"s\"}}}",
     VALIDATION "The provided key element does not match the schema"},
    {"Query",
     MUSIC BY_NOTHING "," START
                      "{\"Artist\":{\"S\":\"b\"},\"Song\":{\"S\":\"s\"}}}",
     VALIDATION "Attempted conditional constraint is not an indexable "
                "operation"},
    {"Query",
     MUSIC "\"QueryFilter\":{\"x\":{\"ComparisonOperator\":\"LT\","
           "\"AttributeValueList\":[{\"BOOL\":true}]}}}",
     INVALID "ComparisonOperator LT is not valid for BOOL AttributeValue type"},
    {"Query",
     MUSIC BY_ARTIST ",\"FilterExpression\":\"attribute_exists(Artist.x)\"}",
     VALIDATION "Filter Expression can only contain non-primary key "
                "attributes: Primary key attribute: Artist"},
    {"Query",
     MUSIC BY_ARTIST ",\"ProjectionExpression\":\"Song.x\"," START
                     "{\"Artist\":{\"S\":\"b\"},\"Song\":{\"S\":\"s\"}}}",
     OUTSIDE},
    {"Query",
     MUSIC BY_ARTIST ",\"ProjectionExpression\":\"Song.x\","
                     "\"FilterExpression\":\"attribute_exists(Song)\"}",
     SCALARS "Key: Song"},
    {"Query",
     MUSIC BY_GENRE ",\"Select\":\"ALL_ATTRIBUTES\"," START
                    "{\"Artist\":{\"S\":\"a\"}}}",
     BAD_START},
    {"Query",
     MUSIC BY_GENRE ",\"Select\":\"ALL_ATTRIBUTES\","
                    "\"FilterExpression\":\"attribute_exists(Song.x)\"}",
     INVALID "Select type ALL_ATTRIBUTES is not supported for global secondary "
             "index by_genre because its projection type is not ALL"},

    {"Scan",
     MUSIC "\"Segment\":1,\"ScanFilter\":{\"x\":{\"ComparisonOperator\":\"EQ\"}"
           "}}",
     INVALID "Invalid number of argument(s) for the EQ ComparisonOperator"},
    {"Scan", MUSIC "\"Segment\":1,\"AttributesToGet\":[\"x\",\"x\"]}",
     INVALID "Duplicate value in attribute name: x"},
    {"Scan", MUSIC "\"Segment\":1," START "{\"Artist\":{}}}",
     BAD_START ": " EMPTY_VALUE},
    {"Scan", MUSIC "\"Segment\":1,\"FilterExpression\":\"((x = x))\"}",
     VALIDATION "The TotalSegments parameter is required but was not present "
                "in the request when Segment parameter is present"},
    {"Scan",
     MUSIC "\"ProjectionExpression\":\"Song.x\"," START
           "{\"Artist\":{\"S\":\"a\"},\"x\":{\"S\":\"s\"}}}",
     BAD_START ": The provided key element does not match the schema"},

    {"UpdateItem",
     MUSIC KEY
     ",\"UpdateExpression\":\"SET #y = :s, Genre = :n, x = Song.y\"," VALUES
     "{\":s\":{\"S\":\"a\"},\":n\":{\"N\":\"1\"}},"
     "\"ExpressionAttributeNames\":{\"#y\":\"Year\"}}",
     INVALID "Type mismatch for Index Key Genre Expected: S Actual: N "
             "IndexName: by_genre"},
    {"PutItem",
     MUSIC ITEM(",\"Year\":{\"S\":\"a\"},\"Genre\":{\"N\":\"1\"}") "}",
     INVALID "Type mismatch for Index Key Genre Expected: S Actual: N "
             "IndexName: by_genre"},
    {"UpdateItem",
     MUSIC KEY ",\"UpdateExpression\":\"SET x = Genre.y, z = Song.y\"}",
     SCALARS "Key: Song"},
    {"DeleteItem",
     MUSIC "\"Key\":{\"Artist\":{\"S\":\"\"},\"Song\":{\"N\":\"1\"}}}",
     INVALID "The AttributeValue for a key attribute cannot contain an empty "
             "string value. Key: Artist"},
    {"PutItem", MUSIC ITEM("") "," CONDITION "\"attribute_type(x.y, x.y)\"}",
     VALIDATION "Invalid ConditionExpression: The first operand must be "
                "distinct from the remaining operands for this operator or "
                "function; operator: attribute_type, first operand: [x, y]"},
    {"BatchWriteItem",
     "{\"RequestItems\":{\"Music\":[{\"DeleteRequest\":{\"Key\":{\"Artist\":{}}"
     "}"
     "},{}]}}",
     VALIDATION "Supplied AttributeValue has more than one datatypes set, must "
                "contain exactly one of the supported datatypes"},
};

START_TEST(of_several_faults_the_first_is_told)
{
    check_exchange(&faults[_i]);
}
END_TEST

/* ------------------------------------------------------------ size of page --
 */

/* 25 items, of which the last is longer by so many bytes. */
static void fill_page(int bytes_each, int bytes_more)
{
    char *sql = sqlite3_mprintf(
        "DELETE FROM Music WHERE mode = 'scan';"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 25) INSERT INTO Music(item) SELECT json_object('Artist', "
        "'a', 'Song', printf('%%02d', i), 'x', printf('%%.*c', %d + iif(i = "
        "25, %d, 0), 'e')) FROM n",
        bytes_each, bytes_more);
    run_sql(sql);
    sqlite3_free(sql);
}

#define COUNT_ALL                                                              \
    MUSIC BY_ARTIST ",\"Select\":\"COUNT\",\"ReturnConsumedCapacity\":"        \
                    "\"TOTAL\"}"
#define COUNTED "{\"Count\":25,\"ScannedCount\":25,"
#define LAST_KEY                                                               \
    "\"LastEvaluatedKey\":{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"25\"}},"
#define UNITS(n)                                                               \
    "\"ConsumedCapacity\":{\"TableName\":\"Music\",\"CapacityUnits\":" n "}}"

/* 41,646 bytes of value and 14 of names and keys make 1,041,501 in all. */
START_TEST(a_page_below_1_mb_has_no_last_key)
{
    fill_page(41646, 1);
    check_exchange(&(exchange){"Query", COUNT_ALL, COUNTED UNITS("127.5")});
}
END_TEST

START_TEST(a_page_ends_where_the_items_reach_1_mb)
{
    fill_page(1048575 / 25 - 14, 0);
    check_exchange(&(exchange){"Query", COUNT_ALL, COUNTED UNITS("128.0")});
    fill_page(1048575 / 25 - 14, 1);
    check_exchange(
        &(exchange){"Query", COUNT_ALL, COUNTED LAST_KEY UNITS("128.0")});
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("api");
    tcase_add_checked_fixture(tests, setup, api_teardown);
    tcase_add_loop_test(tests, a_request_has_to_have_its_shape, 0,
                        COUNT_OF(shapes));
    tcase_add_loop_test(tests, an_item_has_to_be_named_and_whole, 0,
                        COUNT_OF(items));
    tcase_add_loop_test(tests, expressions_have_to_be_right_and_used, 0,
                        COUNT_OF(expressions));
    tcase_add_loop_test(tests, a_page_has_to_be_there, 0, COUNT_OF(pages));
    tcase_add_loop_test(tests, older_parameters_have_their_own_rules, 0,
                        COUNT_OF(legacy));
    tcase_add_loop_test(tests, of_several_faults_the_first_is_told, 0,
                        COUNT_OF(faults));
    tcase_add_test(tests, a_page_below_1_mb_has_no_last_key);
    tcase_add_test(tests, a_page_ends_where_the_items_reach_1_mb);
    return unit_run("api", tests);
}
